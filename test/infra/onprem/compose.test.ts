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
import { PARTIES } from '../../../shared/sharing/shared.ts'
import { docker, skipped as noEngine } from '../../support/docker.ts'
import { createCast, FOUR_ROWS, found } from '../../support/federation.ts'
import { freePort } from '../../support/free-port.ts'
import { killAll, PASSPHRASE, startProcess } from '../../support/party-process.ts'
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
    killAll()
    await compose('down', '--volumes', '--rmi=all').catch(() => {})
    await removeImage(database)
    rmSync(folder, { recursive: true, force: true })
  })

  test('party and PostgreSQL come up, compute a report, keep it when they are made anew, and only the party has a way out', async () => {
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

    // The two peers are processes of this machine, and the party finds them where its network meets it.
    const gateway = '{{(index .IPAM.Config 0).Gateway}}'
    const host = await docker('network', 'inspect', `--format=${gateway}`, `${project}_outside`)
    const peers = [await startProcess(folder, 0, 0, { host }), await startProcess(folder, 1, 0, { host })]
    const cast = await createCast([peers[0]!, peers[1]!, party], fetch)
    await found(cast)
    const versions = [await cast.push(cast.owners[0], FOUR_ROWS), await cast.push(cast.owners[1], FOUR_ROWS)]
    const request = await cast.ask(versions)
    for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
    for (const index of PARTIES) expect(await cast.ended(index, request)).toMatchObject({ state: 'done' })
    expect((await cast.report(request)).rows.map(row => row.map(String)).sort()).toEqual([
      ['junior', '4', '122000'],
      ['senior', '4', '140004'],
    ])

    await compose('stop')
    const ids = (await compose('ps', '--all', '--quiet')).split('\n')
    expect(await docker('inspect', '--format={{.State.ExitCode}}', ...ids)).toBe('0\n0')
    const logs = await compose('logs')
    for (const secret of [PASSPHRASE, password]) expect(logs).not.toContain(secret)
    await compose('down')
    await up()
    expect(await cast.status(2, request)).toMatchObject({ state: 'done' })
  }, 300_000)
})
