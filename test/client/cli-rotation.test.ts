/** New keys of a party from the command line alone: every step of docs/operating/keys.md, on three party processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { trias, triasJson } from './cli.ts'

const ENTRY = fileURLToPath(new URL('../../client/cli/main.ts', import.meta.url))
const SECRET = { TRIAS_PASSPHRASE: 'of a party' }
const PARTIES = ['0', '1', '2']

let folder: string
const children = new Map<string, ChildProcess>()
const at = (...names: string[]): string => join(folder, ...names)
const home = (name: string): string[] => ['--home', at(name)]

const stop = async (party: string): Promise<void> => {
  const child = children.get(party)
  if (child === undefined || child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
/** Whether it started, and what it said on stderr when it did not. */
const start = async (party: string): Promise<{ ready: boolean; stderr: string }> => {
  const child = spawn(process.execPath, [ENTRY, 'party', 'start', ...home(party)], {
    env: { ...process.env, ...SECRET },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.set(party, child)
  let stderr = ''
  child.stderr?.on('data', data => {
    stderr += data
  })
  const ready = await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, 'data').then(() => true),
    once(child, 'exit').then(() => false),
  ])
  return { ready, stderr }
}
const sign = (file: string, ...more: string[]) => triasJson(['federation', 'sign', file, ...more], SECRET)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trias-test-'))
  for (const party of PARTIES) {
    const about = [
      '--name',
      `operator ${party}`,
      '--country',
      'DE',
      '--listen',
      `127.0.0.1:${await freePort()}`,
    ]
    await triasJson(['keygen', '--party', party, ...about, ...home(party)], SECRET)
  }
  for (const [name, role] of [
    ['ann', 'owner'],
    ['rita', 'recipient'],
  ] as const)
    await triasJson(['keygen', '--name', name, '--country', 'FR', '--role', role, ...home(name)])
  const manifest = at('federation.json')
  await triasJson(['federation', 'init', manifest, '--name', 'test', '--purpose', 'testing'])
  const cards = PARTIES.map(party => at(party, 'party-card.json'))
  await triasJson(['federation', 'add', manifest, ...cards, at('ann', 'card.json'), at('rita', 'card.json')])
  for (const party of PARTIES) await sign(manifest, '--party-key', at(party, 'party.key.json'))
  for (const party of PARTIES) expect(await start(party)).toMatchObject({ ready: true })
  await sign(manifest, '--send', ...home('ann'))
  await triasJson(['federation', 'show', manifest, '--use', ...home('rita')])
})
afterAll(async () => {
  for (const party of PARTIES) await stop(party)
  await rm(folder, { recursive: true })
})

test('new keys: drafted, signed with both, taken when drained, in force after a restart', async () => {
  const made = await triasJson(['party', 'rotate-keys', at('federation.json'), ...home('1')], SECRET)
  const keyFile = at('1', 'party.key.2.json')
  const draft = at('1', 'federation-2.json')
  expect(made).toEqual({ party: 1, version: 2, keyFile, card: at('1', 'party-card.2.json'), draft })
  const again = await trias(['party', 'rotate-keys', at('federation.json'), ...home('1'), '--json'], SECRET)
  expect(again.code).toBe(3)

  for (const party of ['0', '2']) await sign(draft, '--party-key', at(party, 'party.key.json'))
  await sign(draft, '--party-key', keyFile)
  expect(await sign(draft, ...home('ann'))).toMatchObject({ missing: ['operator 1 with its present key'] })
  const early = await trias(['federation', 'show', draft, '--use', ...home('rita')])
  expect([early.code, early.stderr]).toEqual([3, expect.stringContaining('operator 1 with its present key')])
  const present = ['--party-key', at('1', 'party.key.json')]
  expect(await sign(draft, ...present, ...home('ann'))).toMatchObject({ missing: [] })

  const undrained = await trias(['federation', 'sign', draft, '--send', ...home('ann'), '--json'])
  expect(JSON.parse(undrained.stderr)).toMatchObject({ error: { rule: 'federation-not-drained' } })
  for (const party of PARTIES) await triasJson(['party', 'drain', '--wait', ...home(party)], SECRET)
  expect(await sign(draft, '--send', ...home('ann'))).toMatchObject({ sent: true })

  // New keys with the new manifest, and nothing else.
  await stop('1')
  const refused = await start('1')
  expect(refused).toEqual({ ready: false, stderr: expect.stringContaining('lists other keys for party 1') })
  const config = JSON.parse(await readFile(at('1', 'party.json'), 'utf8')) as object
  await writeFile(at('1', 'party.json'), JSON.stringify({ ...config, keyFile: 'party.key.2.json' }))
  expect(await start('1')).toMatchObject({ ready: true })
  for (const party of ['0', '2']) await triasJson(['party', 'resume', ...home(party)], SECRET)
  const resumed = ['party', 'resume', ...home('1'), '--party-key', keyFile]
  expect(await triasJson(resumed, SECRET)).toMatchObject({ mode: 'running', manifest: { version: 2 } })

  const old = await trias(['request', 'list', ...home('rita'), '--json'])
  expect(old.code).toBe(4)
  expect(JSON.parse(old.stderr)).toMatchObject({ error: { rule: 'federation-superseded' } })
  await triasJson(['federation', 'show', draft, '--use', ...home('rita')])
  for (const name of ['ann', 'rita'])
    expect(await triasJson(['request', 'list', ...home(name)])).toMatchObject({ requests: [] })
  const back = await trias(['federation', 'show', at('federation.json'), '--use', ...home('rita')])
  expect(back.code).toBe(3)
  expect(await triasJson(['log', 'verify', ...home('rita')])).toBeDefined()
})
