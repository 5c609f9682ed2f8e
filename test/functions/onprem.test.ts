/** Three parties as three processes on loopback, and what an operator sees of one. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createPartyKeyFile as createKeyFile } from '../../client/sdk/node/party-key-file.ts'
import { openKeyFile } from '../../functions/onprem/keyring.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { createCast, found, type Row } from '../support/federation.ts'
import {
  killAll,
  PASSPHRASE,
  type PartyProcess,
  readPublicKeys,
  startProcess,
} from '../support/party-process.ts'

const directory = mkdtempSync(join(tmpdir(), 'trias-onprem-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  killAll()
  rmSync(directory, { recursive: true, force: true })
})

const north: Row[] = [
  ['junior', 31_415],
  ['senior', 92_653],
  ['junior', 58_979],
]
const south: Row[] = [
  ['senior', 32_384],
  ['junior', 62_643],
]

test('three processes compute a report, tell nothing in their logs, and stop cleanly', async () => {
  const parties = (await Promise.all(PARTIES.map(party => startProcess(directory, party)))) as [
    PartyProcess,
    PartyProcess,
    PartyProcess,
  ]
  const cast = await createCast(parties, fetch)
  await found(cast)
  const [n, s] = cast.owners
  const versions = [await cast.push(n, north), await cast.push(s, south)]
  const request = await cast.ask(versions)
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  for (const party of PARTIES) expect(await cast.ended(party, request)).toMatchObject({ state: 'done' })
  const report = await cast.report(request)
  expect(report.rows.map(row => row.map(String)).sort()).toEqual([
    ['junior', '3', '153037'],
    ['senior', '2', '125037'],
  ])

  // A request that waits for approvals, so that a party has something open when it stops.
  const waiting = await cast.ask(versions)
  await cast.offers(waiting)
  expect(await Promise.all(parties.map(party => party.stop('SIGTERM')))).toEqual([0, 0, 0])

  const canaries = [
    PASSPHRASE,
    ...[...north, ...south].map(([, salary]) => String(salary)),
    ...parties.flatMap(({ signingSeed }) => [
      Buffer.from(signingSeed).toString('hex'),
      Buffer.from(signingSeed).toString('base64url'),
    ]),
    ...versions.map(({ secret }) => Buffer.from(secret).toString('base64url')),
    'Bearer',
  ]
  for (const party of parties) {
    const lines = party.stderr().trim().split('\n')
    for (const line of lines) expect(() => JSON.parse(line), line).not.toThrow()
    expect(lines.map(line => JSON.parse(line).event)).toEqual(
      expect.arrayContaining(['listening', 'done', 'stopped']),
    )
    for (const canary of canaries) expect(party.stderr().includes(canary), canary).toBe(false)
    for (const file of ['durable.db', 'volatile.db']) {
      const content = readFileSync(join(party.dataDir, file))
      for (const canary of [PASSPHRASE, Buffer.from(party.signingSeed)])
        expect(content.includes(canary)).toBe(false)
    }
  }

  // The same data directory, after a restart on the same port: everything is still there, and the request goes on.
  const again = await Promise.all(
    PARTIES.map(party => startProcess(directory, party, Number(new URL(parties[party].endpoint).port))),
  )
  for (const owner of cast.owners) await cast.say(await cast.approval(waiting, owner, versions), owner)
  for (const party of PARTIES) {
    const { state, reason } = await cast.ended(party, waiting)
    expect({ state, reason }).toEqual({ state: 'done', reason: undefined })
  }
  expect((await cast.status(0, request)).state).toBe('done')
  expect(await Promise.all(again.map(party => party.stop('SIGINT')))).toEqual([0, 0, 0])
}, 60_000)

test('a party that cannot start says why, and what to do', async () => {
  const keyFile = join(directory, 'other.key.json')
  await createKeyFile(keyFile, PASSPHRASE)
  const config = join(directory, 'other.json')
  const failing = async (content: object, env: Record<string, string> = { TRIAS_PASSPHRASE: PASSPHRASE }) => {
    writeFileSync(config, JSON.stringify(content))
    const { TRIAS_PASSPHRASE: _, ...inherited } = process.env
    const child = spawn(process.execPath, ['functions/onprem/main.ts', config], {
      env: { ...inherited, ...env },
    })
    children.push(child)
    let stderr = ''
    child.stderr.on('data', data => {
      stderr += data
    })
    const code = await new Promise(resolve => child.once('close', resolve))
    return `${code} ${stderr}`
  }
  const good = {
    party: 0,
    region: 'this machine',
    listen: { host: '127.0.0.1', port: 0 },
    dataDir: 'other',
    keyFile,
  }
  expect(await failing({ ...good, party: 7 })).toMatch(/^2 .*party/)
  expect(await failing(good, {})).toMatch(/^2 .*TRIAS_PASSPHRASE/)
  expect(await failing(good, { TRIAS_PASSPHRASE: 'wrong' })).toMatch(/^2 .*passphrase does not open/)
  chmodSync(keyFile, 0o644)
  expect(await failing(good)).toMatch(/^2 .*chmod 600/)
  chmodSync(keyFile, 0o600)
  const { dataDir: _, ...without } = good
  const database = { kind: 'postgres', url: 'postgresql://nobody@127.0.0.1:1/none' }
  expect(await failing({ ...without, database })).toMatch(/^2 .*cannot reach the database at 127\.0\.0\.1:1/)
  const moved = {
    ...good,
    dataDir: join(directory, 'party-0'),
    keyFile: join(directory, 'party-0.key.json'),
    region: 'elsewhere',
  }
  expect(await failing(moved)).toMatch(
    /^2 .*has party 0 in this machine, and it runs with process and database in elsewhere.*"rule":"federation-other-region".*"hint":"deploy/,
  )
  const { createServer } = await import('node:net')
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  expect(await failing({ ...good, listen: { host: '127.0.0.1', port } })).toMatch(/^2 .*cannot listen/)
  taken.close()
}, 60_000)

test('a key file keeps its secrets from others, and is never overwritten', async () => {
  const path = join(directory, 'kept.key.json')
  const keys = await createKeyFile(path, PASSPHRASE)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readPublicKeys(path)).toEqual(keys)
  const secrets = openKeyFile(path, PASSPHRASE)
  const text = readFileSync(path, 'utf8')
  expect(text.includes(Buffer.from(secrets.signingSeed).toString('base64url'))).toBe(false)
  await expect(createKeyFile(path, PASSPHRASE)).rejects.toThrow(/already/)
  expect(() => openKeyFile(path, 'another')).toThrow(/passphrase/)
})
