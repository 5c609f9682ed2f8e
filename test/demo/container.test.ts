/** `npm run demo -- --container`: party 2 is the operator's image, built and run here; where no engine is, the demo says so. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { whyNoContainers } from '../../client/demo/container.ts'
import { waitFor } from '../support/federation.ts'

const ENTRY = fileURLToPath(new URL('../../client/demo/main.ts', import.meta.url))
const run = promisify(execFile)
const why = whyNoContainers()
const skipped = why === undefined ? '' : `skipped: ${why}. `
const DEMO_MS = 240_000

let temporary: string
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'trias-test-'))
})
afterAll(() => rm(temporary, { recursive: true, force: true }))
const env = (more: Readonly<Record<string, string>> = {}) => ({
  ...process.env,
  TMPDIR: temporary,
  NO_COLOR: '1',
  ...more,
})

const docker = async (...args: readonly string[]): Promise<string> =>
  (await run('docker', [...args])).stdout.trim()
const demoFolder = async (): Promise<string> =>
  (await readdir(temporary)).find(name => name.startsWith('trias-demo-')) ?? ''
/** Containers and images of demos that this file has started, by the names of their folders. */
const ofDemo = async (folder: string): Promise<readonly string[]> => [
  ...(await docker('ps', '--all', '--quiet', `--filter=name=${folder}`)).split('\n'),
  ...(await docker('image', 'ls', '--quiet', `trias-demo:${folder}`)).split('\n'),
]

/** A demo whose parties are there, and that is about to compute. */
const startedDemo = async (...args: readonly string[]) => {
  const child = spawn(process.execPath, [ENTRY, '--container', '--rows', '2000', ...args], {
    env: env(),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let seen = ''
  child.stdout.on('data', text => {
    seen += text
  })
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  await waitFor('the parties', async () => (seen.includes('Pay report') ? true : undefined), DEMO_MS)
  return { child, ended, seen: () => seen }
}

test.skipIf(skipped)(
  `${skipped}both reports with party 2 in a container agree with DuckDB in every cell, and nothing is left`,
  async () => {
    const { ended, seen } = await startedDemo()
    const folder = await demoFolder()
    const state = JSON.parse(await docker('inspect', `${folder}-party-2`))[0]
    expect(state.State.Running).toBe(true)
    expect(state.HostConfig.ReadonlyRootfs).toBe(true)
    expect(state.HostConfig.CapDrop).toEqual(['ALL'])
    expect(state.Config.User).toMatch(/^[1-9]/)
    expect(await ended).toBe(0)
    expect(seen()).toContain('one container, SQLite')
    const compared = [...seen().matchAll(/comparison +([\d,]+) of ([\d,]+) cells equal/g)]
    expect(compared).toHaveLength(2)
    for (const [, equal, cells] of compared) expect(equal).toBe(cells)
    expect(await ofDemo(folder)).toEqual(['', ''])
    // npm keeps compiled code there, whoever calls it.
    expect((await readdir(temporary)).filter(name => name.startsWith('trias-'))).toEqual([])
  },
  DEMO_MS,
)

test.skipIf(skipped)(
  `${skipped}the container does not outlive a demo that is killed`,
  async () => {
    const { child, ended } = await startedDemo('--local')
    const folder = await demoFolder()
    expect(await docker('ps', '--quiet', `--filter=name=${folder}`)).not.toBe('')
    child.kill('SIGKILL')
    await ended
    await waitFor('the container to go', async () =>
      (await docker('ps', '--all', '--quiet', `--filter=name=${folder}`)) === '' ? true : undefined,
    )
    // Nobody was left to remove the image.
    await docker('image', 'rm', `trias-demo:${folder}`)
  },
  DEMO_MS,
)

test('without an engine the demo ends at once, with what is missing and what to do', async () => {
  const failed = await run(process.execPath, [ENTRY, '--container'], { env: env({ PATH: temporary }) }).catch(
    error => error,
  )
  expect(failed.code).toBe(3)
  expect(failed.stderr).toContain('party 2 cannot be a container here')
  if (process.platform === 'linux') expect(failed.stderr).toContain('there is no `docker` command')
  expect(failed.stderr).toContain('leave --container out')
  expect(failed.stdout).toBe('')
})
