/**
 * The compose file brought up as docs/operating/deploy-onprem.md says. Of it only PostgreSQL's image is exchanged, for one
 * made here; what the official one does with the same settings is not shown by this.
 */
import { execFile, spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, onTestFailed, test } from 'vitest'
import { removeImage } from '../../../client/demo/container.ts'
import { createPartyKeyFile } from '../../../client/sdk/node/party-key-file.ts'
import { openKeyFile } from '../../../functions/onprem/keyring.ts'
import { PARTY_UID, POSTGRES_UID } from '../../../infra/onprem/props.ts'
import { signedText } from '../../../shared/governance/sign.ts'
import { docker, skipped as noEngine } from '../../support/docker.ts'
import { createCast, person, type RunningParty } from '../../support/federation.ts'
import { freePort } from '../../support/free-port.ts'
import { PASSPHRASE } from '../../support/party-process.ts'
import { buildPostgresImage } from '../../support/postgres-image.ts'

const whyNoCompose = (): string => {
  if (noEngine !== '') return noEngine
  const { status, stdout } = spawnSync('docker', ['compose', 'version', '--short'], { encoding: 'utf8' })
  if (status !== 0 || !/^v?[2-9]/.test(stdout))
    return 'skipped: there is no `docker compose` (version 2 or later). '
  // Files of secrets belong to the users of the two containers.
  return process.getuid?.() === 0 ? '' : 'skipped: not root. '
}
const skipped = whyNoCompose()

const root = resolve(import.meta.dirname, '../../..')
const project = `trias-test-${process.pid}`
const database = `trias-test-postgres:${process.pid}`
let folder: string

const compose = async (...args: readonly string[]): Promise<string> => {
  const files = ['compose.yaml', 'override.yaml'].map(name => `--file=${join(folder, name)}`)
  return docker('compose', `--project-name=${project}`, ...files, ...args)
}
const inside = (service: string, program: string): Promise<string> =>
  compose('exec', '--no-TTY', service, '/usr/bin/node', '-e', program)

/** Renders the folder and puts the secrets in, owned as the guide has them. */
const install = async (port: number) => {
  folder = mkdtempSync(join(tmpdir(), 'trias-compose-'))
  await promisify(execFile)(
    process.execPath,
    [join(root, 'infra/onprem/main.ts'), '--context', '--port', String(port), '--region', 'this machine'],
    { env: { ...process.env, TRIAS_ONPREM_OUTDIR: folder } },
  )
  const secrets = join(folder, 'secrets')
  mkdirSync(secrets, { mode: 0o700 })
  const keyFile = join(secrets, 'party-key')
  const keys = await createPartyKeyFile(keyFile, PASSPHRASE)
  const { signingSeed } = openKeyFile(keyFile, PASSPHRASE)
  const password = 'canary-password-of-compose'
  for (const [name, text] of [
    ['passphrase', PASSPHRASE],
    ['database-password', password],
    ['postgres-password', password],
  ] as const)
    writeFileSync(join(secrets, name), text, { mode: 0o600 })
  for (const name of ['party-key', 'passphrase', 'database-password'])
    chownSync(join(secrets, name), PARTY_UID, PARTY_UID)
  chownSync(join(secrets, 'postgres-password'), POSTGRES_UID, POSTGRES_UID)
  writeFileSync(
    join(folder, 'override.yaml'),
    `services: { database: { image: "${database}", pull_policy: never } }\n`,
  )
  return { ...keys, signingSeed, endpoint: `http://127.0.0.1:${port}`, password }
}

describe.skipIf(skipped)(`${skipped}the compose file`, () => {
  afterAll(async () => {
    await compose('down', '--volumes', '--rmi=all').catch(() => {})
    await removeImage(database)
    rmSync(folder, { recursive: true, force: true })
  })

  test('party and PostgreSQL come up, keep what they were told over a restart, and only the party has a way out', async () => {
    const { password, ...party } = await install(await freePort())
    await buildPostgresImage(database, join(folder, 'postgres'))
    onTestFailed(async () => console.error(await compose('logs')))
    const up = () => compose('up', '--detach', '--build', '--wait')
    await up()
    const services = JSON.parse(`[${(await compose('ps', '--format=json')).split('\n').join(',')}]`)
    expect(
      services.map(({ Service, Health }: Record<string, string>) => `${Service} ${Health}`).sort(),
    ).toEqual(['database healthy', 'party healthy'])

    const networksOf = async (service: string) => {
      const [{ NetworkSettings }] = JSON.parse(
        await docker('inspect', await compose('ps', '--quiet', service)),
      )
      return Object.keys(NetworkSettings.Networks)
    }
    expect(await networksOf('database')).toEqual([`${project}_inside`])
    // The engine lets nothing that comes from there leave the machine.
    expect(await docker('network', 'inspect', '--format={{.Internal}}', `${project}_inside`)).toBe('true')
    expect((await networksOf('party')).sort()).toEqual([`${project}_inside`, `${project}_outside`])
    for (const service of ['party', 'database'])
      expect(
        await inside(service, "try { fs.writeFileSync('/x', '') } catch ({ code }) { console.log(code) }"),
      ).toBe('EROFS')
    expect(await inside('party', 'console.log(process.getuid())')).toBe(String(PARTY_UID))
    expect(await inside('database', 'console.log(process.getuid())')).toBe(String(POSTGRES_UID))

    // The two peers are nowhere; a manifest is taken without them.
    const elsewhere = async (endpoint: string): Promise<RunningParty> => {
      const { secretKey, ...keys } = await person('operator')
      return { ...keys, signingSeed: secretKey, endpoint }
    }
    const others = [await elsewhere('http://192.0.2.1'), await elsewhere('http://192.0.2.2')] as const
    const cast = await createCast([...others, party], fetch)
    expect((await cast.post(2, signedText(cast.signed))).status).toBeLessThan(300)
    const asked = () => cast.get(2, '/v1/log', cast.recipient)
    expect((await asked()).status).toBe(200)

    await compose('stop')
    const ids = (await compose('ps', '--all', '--quiet')).split('\n')
    expect(await docker('inspect', '--format={{.State.ExitCode}}', ...ids)).toBe('0\n0')
    const logs = await compose('logs')
    for (const secret of [PASSPHRASE, password]) expect(logs).not.toContain(secret)
    await compose('down')
    await up()
    expect((await asked()).status).toBe(200)
  }, 300_000)
})
