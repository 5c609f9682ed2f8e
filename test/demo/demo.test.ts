/** `npm run demo` as a newcomer runs it, small: every cell equal, nothing left running, nothing left behind. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ENTRY = fileURLToPath(new URL('../../client/demo/main.ts', import.meta.url))
const run = promisify(execFile)

/** Its own place for temporary files shows what is left, and marks the processes: it stands in their command lines. */
let temporary: string
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'trias-test-'))
})
afterAll(() => rm(temporary, { recursive: true, force: true }))
const env = () => ({ ...process.env, TMPDIR: temporary, NO_COLOR: '1' })

/** Parties, and what they have started: hosts and emulators run inside them or have their folder in their arguments. */
const processesLeft = async (): Promise<readonly string[]> => {
  const { stdout } = await run('ps', ['-eo', 'args'])
  return stdout.split('\n').filter(line => line.includes(temporary) && !line.includes('demo/main.ts'))
}
const partiesLeft = async (): Promise<readonly string[]> =>
  (await processesLeft()).filter(line => line.includes('party.json'))
const DEMO_MS = 240_000

test(
  'both reports over three clouds agree with DuckDB in every cell, and nothing is left',
  async () => {
    const { stdout } = await run(process.execPath, [ENTRY, '--rows', '2000', '--json'], { env: env() })
    const { ok, reports } = JSON.parse(stdout)
    expect(ok).toBe(true)
    expect(reports).toHaveLength(2)
    for (const { cells, equal, differences, groups, parties } of reports) {
      expect(differences).toEqual([])
      expect(equal).toBe(cells)
      // Both kinds of groups occur, or the comparison would prove little.
      expect(groups.shown).toBeGreaterThan(5)
      expect(groups.suppressed).toBeGreaterThan(5)
      expect(parties.map(({ party }: { party: number }) => party)).toEqual([0, 1, 2])
    }
    expect(await processesLeft()).toEqual([])
    expect(await readdir(temporary)).toEqual([])
  },
  DEMO_MS,
)

/** A demo that has its parties and is about to compute. */
const startedDemo = async () => {
  const child = spawn(process.execPath, [ENTRY, '--rows', '2000'], {
    env: env(),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let seen = ''
  for await (const text of child.stdout) {
    seen += text
    if (seen.includes('Pay report')) break
  }
  expect((await partiesLeft()).length).toBe(3)
  return child
}

test(
  'Ctrl-C in the middle stops the parties and removes their data',
  async () => {
    const child = await startedDemo()
    child.kill('SIGINT')
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
    expect(code).toBe(130)
    expect(await processesLeft()).toEqual([])
    expect(await readdir(temporary)).toEqual([])
  },
  DEMO_MS,
)

test(
  'parties do not outlive a demo that is killed',
  async () => {
    const child = await startedDemo()
    child.kill('SIGKILL')
    for (const untilMs = Date.now() + 30_000; (await processesLeft()).length > 0 && Date.now() < untilMs; )
      await new Promise(resolve => setTimeout(resolve, 200))
    expect(await processesLeft()).toEqual([])
    // Nobody was left to remove their data.
    await rm(temporary, { recursive: true, force: true })
    await mkdir(temporary)
  },
  DEMO_MS,
)

test('wrong usage is said in one line', async () => {
  const failed = await run(process.execPath, [ENTRY, '--rows', 'many'], { env: env() }).catch(error => error)
  expect(failed.code).toBe(2)
  expect(failed.stderr).toContain('--rows takes a whole number')
  const { stdout } = await run(process.execPath, [ENTRY, '--help'], { env: env() })
  expect(stdout).toContain('--keep')
})
