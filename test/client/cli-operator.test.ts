/** The verbs of a party's operator, on a party process that has no federation yet. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsePartySecret } from '../../functions/party/party-secret.ts'
import { toBase64url } from '../../shared/base/bytes.ts'
import { generateBoxKeyPair } from '../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import { trias, triasJson } from './cli.ts'

const ENTRY = fileURLToPath(new URL('../../client/cli/main.ts', import.meta.url))
const SECRET = { TRIAS_PASSPHRASE: 'of a party' }

let folder: string
let child: ChildProcess
let operator: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trias-test-'))
  for (const party of ['0', '1']) {
    const about = ['--party', party, '--name', `operator ${party}`, '--country', 'DE']
    await triasJson(['keygen', ...about, '--home', join(folder, party)], SECRET)
  }
  child = spawn(process.execPath, [ENTRY, 'party', 'start', '--home', join(folder, '0'), '--port', '0'], {
    env: { ...process.env, ...SECRET },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data')
  const { url } = JSON.parse(String(line)) as { url: string }
  operator = ['--home', join(folder, '0'), '--endpoint', url]
})

afterAll(async () => {
  child.kill('SIGTERM')
  await once(child, 'exit')
  await rm(folder, { recursive: true })
})

test('status, pause, drain and resume say what the party is, to people and to machines', async () => {
  expect(await triasJson(['party', 'status', ...operator], SECRET)).toEqual({
    party: 0,
    release: expect.stringMatching(/^\d+\.\d+\.\d+/),
    speaks: { protocol: [2], frames: [1] },
    mode: 'running',
    modeSince: null,
    manifest: null,
    open: [],
    unposted: 0,
    headsToWitness: 0,
    log: { entries: 0, head: expect.any(String) },
  })
  expect(await triasJson(['party', 'pause', ...operator], SECRET)).toMatchObject({ mode: 'paused' })
  const drained = await trias(['party', 'drain', '--wait', ...operator], SECRET)
  expect(drained.code, drained.stderr).toBe(0)
  expect(drained.stderr).toBe('nothing is open\n')
  expect(drained.stdout).toMatch(/^mode +draining {2}since 20/m)
  expect(drained.stdout).toMatch(/^log +2 entries/m)
  expect(drained.stdout).toMatch(/^release +\d\S+, speaks protocol 2, frames 1$/m)
  expect(await triasJson(['party', 'resume', ...operator], SECRET)).toMatchObject({ mode: 'running' })
})

test('another key, another party, a missing passphrase and nobody at home end with their exit codes', async () => {
  const other = ['--party-key', join(folder, '1', 'party.key.json')]
  const refused = await trias(['party', 'drain', ...operator, ...other, '--json'], SECRET)
  expect(refused.code).toBe(4)
  expect(JSON.parse(refused.stderr)).toMatchObject({ error: { rule: 'not-the-operator' } })
  const card = ['--card', join(folder, '1', 'party-card.json')]
  expect((await trias(['party', 'status', ...operator, ...card], SECRET)).code).toBe(4)
  expect((await trias(['party', 'status', ...operator])).code).toBe(2)
  expect((await trias(['party', 'drain', ...operator, '--wait', '--timeout', 'soon'], SECRET)).code).toBe(2)
  expect((await trias(['party', 'status', '--home', join(folder, 'none')], SECRET)).code).toBe(3)
  const nobody = ['--home', join(folder, '0'), '--endpoint', 'http://127.0.0.1:9']
  expect((await trias(['party', 'status', ...nobody], SECRET)).code).toBe(6)
})

test('export-secret prints what a cloud keeps: seeds that belong to the public keys on the card', async () => {
  const secret = await trias(['party', 'export-secret', '--home', join(folder, '1')], SECRET)
  expect(secret.code, secret.stderr).toBe(0)
  const { signingSeed, sealingSeed } = parsePartySecret(secret.stdout, 'stdout')
  const card = JSON.parse(await readFile(join(folder, '1', 'party-card.json'), 'utf8'))
  expect(toBase64url(signingKeyPair(signingSeed).publicKey)).toBe(card.signingKey)
  expect(toBase64url((await generateBoxKeyPair(sealingSeed)).publicKey)).toBe(card.sealingKey)
  const wrong = await trias(['party', 'export-secret', '--home', join(folder, '1')], {
    TRIAS_PASSPHRASE: 'another',
  })
  expect(wrong).toMatchObject({ code: 3, stdout: '' })
})
