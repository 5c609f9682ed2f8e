/** `npm run synth:onprem` as an operator runs it: what the files say, byte for byte the same each time. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { readConfig } from '../../../functions/onprem/config.ts'
import { checkDirectory } from '../../../infra/locality/directory.ts'

const root = resolve(import.meta.dirname, '../../..')
const IMAGE = `registry.internal/trias@sha256:${'1'.repeat(64)}`
let outdir: string

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'trias-onprem-'))
})
afterAll(() => rm(outdir, { recursive: true }))

const synth = (...settings: readonly string[]): Promise<{ code: number; stderr: string }> =>
  new Promise(done => {
    execFile(
      process.execPath,
      [join(root, 'infra/onprem/main.ts'), ...settings],
      { cwd: root, env: { PATH: process.env.PATH, TRIAS_ONPREM_OUTDIR: outdir } },
      (error, _stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stderr }),
    )
  })
const done = { code: 0, stderr: '' }

const written = async (): Promise<Readonly<Record<string, string>>> => {
  const entries = await readdir(outdir, { recursive: true, withFileTypes: true })
  const names = entries
    .filter(one => one.isFile())
    .map(one => join(one.parentPath, one.name).slice(outdir.length + 1))
  return Object.fromEntries(
    await Promise.all(
      names.sort().map(async name => [name, await readFile(join(outdir, name), 'utf8')] as const),
    ),
  )
}
const kubernetes = async () =>
  [...parseAllDocuments((await written())['kubernetes.yaml'] ?? '')].map(one => one.toJS())

test('two runs write the same bytes, without a path of this machine', async () => {
  expect(await synth()).toEqual(done)
  const first = await written()
  expect(await synth()).toEqual(done)
  expect(await written()).toEqual(first)
  expect(JSON.stringify(first)).not.toContain(root)
  expect(first).toMatchSnapshot()
})

test('no rule of locality finds anything in the folder', async () => {
  await synth('--country', 'FI')
  expect(
    await checkDirectory(outdir, { provider: 'onprem', region: 'on-premises', countries: ['FI'] }),
  ).toEqual([])
})

test('the party itself takes each configuration', async () => {
  await synth('--party', '1', '--port', '9443')
  expect(readConfig(join(outdir, 'party.conf'))).toMatchObject({
    party: 1,
    listen: { port: 9443 },
    admin: { host: '127.0.0.1' },
    database: { kind: 'postgres', passwordFile: '/run/secrets/database-password' },
    passphraseFile: '/run/secrets/passphrase',
  })
  expect(readConfig(join(outdir, 'systemd/party.conf'))).toMatchObject({
    listen: { host: '127.0.0.1' },
    database: { kind: 'sqlite', dataDir: '/var/lib/trias-party-1' },
  })
})

test('compose: the database has no way out and no port, the front is on the loopback', async () => {
  await synth('--image', IMAGE)
  const { services, networks } = parse((await written())['compose.yaml'] ?? '')
  expect(services.database.networks).toEqual(['inside'])
  expect(networks.inside).toEqual({ internal: true })
  expect(services.database).not.toHaveProperty('ports')
  expect(services.party.ports).toEqual(['127.0.0.1:8443:8443'])
  expect(services.party.image).toBe(IMAGE)
  expect(services.party).not.toHaveProperty('build')
})

test('Kubernetes: the pod calls names and the listed peers only', async () => {
  await synth('--peers', '192.0.2.10/32,198.51.100.0/29', '--peer-port', '8443')
  const policy = (await kubernetes()).find(one => one.kind === 'NetworkPolicy')
  expect(policy.spec.egress[1]).toEqual({
    to: [{ ipBlock: { cidr: '192.0.2.10/32' } }, { ipBlock: { cidr: '198.51.100.0/29' } }],
    ports: [{ protocol: 'TCP', port: 8443 }],
  })
  await synth()
  expect((await kubernetes()).find(one => one.kind === 'NetworkPolicy').spec.egress).toHaveLength(1)
})

test('systemd: everything is denied but this machine and the peers', async () => {
  await synth('--peers', '192.0.2.10/32', '--proxy', 'http://192.0.2.10:3128')
  const unit = (await written())['systemd/trias-party-2.service'] ?? ''
  expect(unit).toMatch(/^IPAddressDeny=any$/m)
  expect(unit.match(/^IPAddressAllow=.*$/gm)).toEqual([
    'IPAddressAllow=localhost',
    'IPAddressAllow=192.0.2.10/32',
  ])
  expect(unit).toContain('Environment=HTTPS_PROXY=http://192.0.2.10:3128\n')
})

test.each([
  ['--image', 'registry.internal/trias:latest', 'digest'],
  ['--peers', '0.0.0.0/0', 'wider than /8'],
  ['--proxy', 'http://user:word@proxy:3128', 'without a password'],
  ['--country', 'Finland', 'country code'],
  ['--party', '3', '--party'],
  ['--nonsense', '1', '--storage-gib'],
])('%s %s is refused, by name', async (name, value, says) => {
  const { code, stderr } = await synth(name, value)
  expect(code).toBe(1)
  expect(stderr).toContain(name)
  expect(stderr).toContain(says)
})
