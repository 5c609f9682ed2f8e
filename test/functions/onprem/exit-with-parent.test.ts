/** A party that was asked to ends with the process that started it, also when that is killed and can stop nobody. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { createPartyKeyFile } from '../../../client/sdk/node/party-key-file.ts'
import { waitFor } from '../../support/federation.ts'

const directory = mkdtempSync(join(tmpdir(), 'trias-parent-'))
const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const { pid } of await left()) process.kill(pid, 'SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

/** The folder of this test stands in their command lines. */
const left = async () => {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,args'])
  return stdout
    .split('\n')
    .filter(line => line.includes('functions/onprem/main.ts') && line.includes(directory))
    .filter(line => !line.includes('--eval'))
    .map(line => ({ pid: Number.parseInt(line, 10) }))
}

/** A parent that starts one party, and says so when it is ready. */
const startParent = async (name: string, ...options: readonly string[]): Promise<ChildProcess> => {
  const keyFile = join(directory, `${name}.key.json`)
  await createPartyKeyFile(keyFile, 'passphrase of a test')
  const config = join(directory, `${name}.json`)
  writeFileSync(
    config,
    JSON.stringify({
      party: 0,
      region: 'this machine',
      listen: { host: '127.0.0.1', port: 0 },
      dataDir: name,
      keyFile,
    }),
  )
  const command = JSON.stringify(['functions/onprem/main.ts', config, ...options])
  const program = `
    import { spawn } from 'node:child_process'
    const party = spawn(process.execPath, ${command}, { stdio: ['pipe', 'pipe', 'inherit'] })
    party.stdout.pipe(process.stdout)`
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, TRIAS_PASSPHRASE: 'passphrase of a test' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(parent)
  expect(`${(await once(parent.stdout!, 'data'))[0]}`).toMatch(/"ready":true/)
  return parent
}

test('SIGKILL of the process that started a party ends the party, if it was asked to', async () => {
  const bound = await startParent('bound', '--exit-with-parent')
  const free = await startParent('free')
  expect(await left()).toHaveLength(2)
  free.kill('SIGKILL')
  bound.kill('SIGKILL')
  await waitFor('the party to end', async () => ((await left()).length === 1 ? true : undefined))
  // The other one was not asked to: an operator's party outlives the terminal that started it.
  expect(await left()).toHaveLength(1)
})
