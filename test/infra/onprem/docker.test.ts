/**
 * The image in a Docker engine: built with no network, run without rights, as its operator would. Its parties on Compose are
 * in compose.test.ts, and the demo with it in test/demo/container.test.ts.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { buildImage, removeImage, userFor, WITHOUT_RIGHTS } from '../../../client/demo/container.ts'
import { openKeyFile } from '../../../functions/onprem/keyring.ts'
import { docker, dockerEnd, inspect, logsOf, partyFolder, readyUrl, skipped } from '../../support/docker.ts'
import { createCast, FOUR_ROWS, found, waitFor } from '../../support/federation.ts'
import { killAll, startProcess } from '../../support/party-process.ts'
import { recordFrames } from '../../support/recorded-frames.ts'
import { type RecordingFront, startRecordingFront } from '../../support/recording-front.ts'

const root = resolve(import.meta.dirname, '../../..')
const image = `trias-test:${process.pid}`
const again = `trias-test:${process.pid}-again`
const containers: string[] = []
const fronts: RecordingFront[] = []
let folder: string

/** The name of a container that is removed in the end. */
const named = (what: string): string => {
  const name = `trias-test-${process.pid}-${what}`
  containers.push(name)
  return name
}
/** Asked often, so that a test need not wait ten seconds. */
const ASKED_OFTEN = ['--health-interval=1s', '--health-retries=2', '--health-start-period=1ms']
const healthOf = async (container: string): Promise<string> =>
  waitFor(
    `the health of ${container}`,
    async () => {
      const { Status } = (await inspect(container)).State.Health
      return Status === 'starting' ? undefined : Status
    },
    60_000,
  )
/** In the container, where Node is the only program. */
const inside = (container: string, program: string): Promise<string> =>
  docker('exec', container, '/usr/bin/node', '-e', program)

describe.skipIf(skipped)(`${skipped}the image`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trias-docker-'))
    await buildImage(image, join(folder, 'one'))
  }, 180_000)
  afterAll(async () => {
    killAll()
    for (const front of fronts) front.close()
    await dockerEnd('rm', '--force', ...containers)
    await removeImage(image)
    await removeImage(again)
    await rm(folder, { recursive: true, force: true })
  })

  test('somebody else, at another time and with other habits, builds the same layers', async () => {
    await promisify(execFile)(
      'sh',
      ['-c', 'umask 077; exec "$0" "$@"', process.execPath, join(root, 'infra/onprem/main.ts'), '--context'],
      { env: { ...process.env, TRIAS_ONPREM_OUTDIR: join(folder, 'two') } },
    )
    const context = join(folder, 'two/image')
    await docker('build', '--no-cache', '--network=none', `--tag=${again}`, context)
    const [first, second] = [await inspect(image), await inspect(again)]
    expect(second.RootFS.Layers).toEqual(first.RootFS.Layers)
    expect(second.Config).toEqual({ ...first.Config, Image: second.Config.Image })
  }, 120_000)

  test('it holds Node, what Node loads, and the party; no shell, nothing to install with', async () => {
    const name = named('files')
    await docker('create', `--name=${name}`, image)
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', `docker export ${name} | tar --list --verbose`],
      {
        maxBuffer: 1024 * 1024,
      },
    )
    const files = stdout
      .split('\n')
      .filter(line => line.startsWith('-'))
      .map(line => line.split(/\s+/).slice(5).join(' '))
      // Places that an engine makes in every container.
      .filter(path => !/^(\.dockerenv|dev\/console|etc\/(hostname|hosts|resolv\.conf))$/.test(path))
    const others = files.filter(path => !path.startsWith('app/') && !/^lib\S*\.so\.\d+$/.test(path))
    expect(others.sort()).toEqual(['etc/nsswitch.conf', 'usr/bin/node'])
    expect(files).toContain('app/main.mjs')
    const { code, stderr } = await dockerEnd('run', '--rm', '--network=none', '--entrypoint=/bin/sh', image)
    expect(code).toBe(127)
    expect(stderr).toContain('/bin/sh')
  })

  test('a party in it is healthy, has no rights, and writes to its data only', async () => {
    const { options, keys } = await partyFolder(join(folder, 'healthy'), image, {
      listen: { host: '0.0.0.0', port: 8443 },
      admin: { port: 9090 },
      dataDir: '/data',
    })
    const name = named('healthy')
    const publish = '--publish=127.0.0.1::8443'
    await docker(
      'run',
      '--detach',
      `--name=${name}`,
      ...options,
      ...WITHOUT_RIGHTS,
      ...ASKED_OFTEN,
      publish,
      image,
    )
    onTestFailed(async () => console.error(await logsOf(name)))
    expect(await healthOf(name)).toBe('healthy')

    const status = await inside(name, "console.log(fs.readFileSync('/proc/1/status', 'utf8'))")
    const of = (field: string): string => new RegExp(`^${field}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? ''
    expect(Number(of('Uid'))).toBeGreaterThan(0)
    for (const field of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(Number(of(field)), field).toBe(0)
    expect(of('NoNewPrivs')).toBe('1')
    const writes = await inside(
      name,
      `for (const folder of ['/', '/app/', '/etc/', '/etc/trias/', '/usr/bin/', '/data/'])
        try { fs.writeFileSync(folder + 'x', ''); console.log(folder, 'written') }
        catch ({ code }) { console.log(folder, code) }`,
    )
    expect(writes.split('\n')).toEqual([
      '/ EROFS',
      '/app/ EROFS',
      '/etc/ EROFS',
      '/etc/trias/ EROFS',
      '/usr/bin/ EROFS',
      '/data/ written',
    ])

    const url = async () => `http://${await docker('port', name, '8443')}/v1/log`
    const before = await fetch(await url())
    expect(before.status).toBe(401)
    // The way out of a container is SIGTERM, well within the time that Docker gives it.
    await docker('stop', '--time=10', name)
    expect((await inspect(name)).State).toMatchObject({ ExitCode: 0, OOMKilled: false })
    expect((await logsOf(name)).trim().split('\n').at(-1)).toContain('"event":"stopped"')
    await docker('start', name)
    expect(await healthOf(name)).toBe('healthy')
    expect((await fetch(await url())).status).toBe(401)
    expect(await logsOf(name)).not.toContain(keys.signingKey)
  }, 120_000)

  test('a party that does not answer on the admin port is unhealthy', async () => {
    const { options } = await partyFolder(join(folder, 'deaf'), image, {
      listen: { host: '127.0.0.1', port: 8443 },
      dataDir: '/data',
    })
    const name = named('deaf')
    const hardened = [...WITHOUT_RIGHTS, ...ASKED_OFTEN, '--network=none']
    await docker('run', '--detach', `--name=${name}`, ...options, ...hardened, image)
    await readyUrl(name)
    expect(await healthOf(name)).toBe('unhealthy')
  }, 120_000)

  const listen = { host: '127.0.0.1', port: 0 }
  const spoil = {
    'no configuration': ['cannot read the configuration', (etc: string) => rm(join(etc, 'party.json'))],
    'a number for a folder': [
      'dataDir',
      (etc: string) =>
        writeFile(
          join(etc, 'party.json'),
          JSON.stringify({ party: 2, region: 'this machine', listen, dataDir: 7 }),
        ),
    ],
    'a passphrase that others may read': [
      'may be read by others',
      (etc: string) => chmod(join(etc, 'passphrase'), 0o644),
    ],
    'a wrong passphrase': ['passphrase', (etc: string) => writeFile(join(etc, 'passphrase'), 'another one')],
  } as const
  test.each(Object.entries(spoil))(
    '%s ends it with 2, and it says why',
    async (name, [says, change]) => {
      const place = join(folder, name.replaceAll(' ', '-'))
      const { options, passphrase } = await partyFolder(place, image, { listen, dataDir: '/data' })
      await change(join(place, 'etc'))
      const hardened = [...WITHOUT_RIGHTS, '--network=none']
      const { code, stderr } = await dockerEnd('run', '--rm', ...options, ...hardened, image)
      expect(stderr).toContain(says)
      expect(JSON.parse(stderr)).toMatchObject({ level: 'error', event: 'start-failed' })
      expect(stderr).not.toContain(passphrase)
      expect(code).toBe(2)
    },
    60_000,
  )

  test('what Kubernetes has it do first: copies of the secrets that only the party may read', async () => {
    const manifests = parseAllDocuments(await readFile(join(folder, 'one/kubernetes.yaml'), 'utf8'))
    const set = manifests.map(one => one.toJS()).find(({ kind }) => kind === 'StatefulSet')
    const [{ command }] = set.spec.template.spec.initContainers
    const [secrets, keys] = [join(folder, 'secrets'), join(folder, 'keys')]
    const names = ['database-password', 'party-key', 'passphrase']
    for (const place of [secrets, keys]) await mkdir(place)
    for (const name of names) await writeFile(join(secrets, name), name, { mode: 0o440 })
    await userFor(secrets, image)
    const user = await userFor(keys, image)
    const volumes = [`--volume=${secrets}:/secrets:ro`, `--volume=${keys}:/keys`]
    const [program, ...args] = command
    await docker(
      ...['run', '--rm', `--user=${user}`, ...WITHOUT_RIGHTS, '--network=none', ...volumes],
      ...[`--entrypoint=${program}`, image, ...args],
    )
    for (const name of names) {
      expect(await readFile(join(keys, name), 'utf8')).toBe(name)
      expect((await stat(join(keys, name))).mode & 0o777).toBe(0o600)
    }
  }, 60_000)

  test('it can be stopped while it still waits for its database', async () => {
    // Takes connections and says nothing.
    const asked = Promise.withResolvers<void>()
    const silent = createServer(socket => {
      socket.on('error', () => {})
      asked.resolve()
    })
    await new Promise<void>(ready => silent.listen(0, '127.0.0.1', ready))
    const { port } = silent.address() as { port: number }
    const { options } = await partyFolder(join(folder, 'waiting'), image, {
      listen,
      database: { kind: 'postgres', url: `postgresql://trias@127.0.0.1:${port}/trias` },
    })
    const name = named('waiting')
    const hardened = [...WITHOUT_RIGHTS, '--network=host', '--no-healthcheck']
    await docker('run', '--detach', `--name=${name}`, ...options, ...hardened, image)
    await asked.promise
    await docker('stop', '--time=10', name)
    silent.close()
    expect((await inspect(name)).State.ExitCode).toBe(0)
  }, 60_000)

  test('stopped in the middle of a run, by SIGTERM and by SIGKILL, and started again, it goes on', async () => {
    const files = join(folder, 'run')
    const config = { listen, dataDir: '/data', deadlines: { roundMs: 60_000, leaseMs: 400 } }
    const { options, keys, passphrase } = await partyFolder(files, image, config)
    const signingSeed = openKeyFile(join(files, 'etc/key'), passphrase).signingSeed
    const name = named('run')
    const hardened = [...WITHOUT_RIGHTS, '--network=host', '--no-healthcheck']
    await docker('run', '--detach', `--name=${name}`, ...options, ...hardened, image)
    onTestFailed(async () => console.error((await logsOf(name)).slice(-4000)))
    let lives = 1
    let url = await readyUrl(name)
    const [first, second] = [
      await startProcess(folder, 0, 0, { roundMs: 60_000 }),
      await startProcess(folder, 1, 0, { roundMs: 60_000 }),
    ]

    // The next frame for the container that is not its first one of a run ends it, whatever it does just then.
    let armed: { readonly at: number; readonly end: () => void } | undefined
    let arrived = 0
    const frames = recordFrames()
    const network = (path: string) => {
      if (path !== '/v1/frames' || armed === undefined || ++arrived < armed.at) return {}
      armed.end()
      armed = undefined
      return {}
    }
    const targets = [() => first.endpoint, () => second.endpoint, () => url]
    for (const [party, target] of targets.entries())
      fronts.push(await startRecordingFront(frames, target, party === 2 ? network : () => ({})))
    const behind = [first, second, { ...keys, signingSeed }].map((party, index) => ({
      ...party,
      endpoint: fronts[index]!.url,
    }))
    const cast = await createCast([behind[0]!, behind[1]!, behind[2]!], fetch)
    await found(cast)
    const versions = [await cast.push(cast.owners[0], FOUR_ROWS), await cast.push(cast.owners[1], FOUR_ROWS)]

    for (const [how, code] of [
      [['stop', '--time=10'], 0],
      [['kill', '--signal=SIGKILL'], 137],
    ] as const) {
      const request = await cast.ask(versions)
      const approvals = []
      for (const owner of cast.owners) approvals.push(await cast.approval(request, owner, versions))
      arrived = 0
      const due = new Promise<void>(end => {
        armed = { at: 3, end }
      })
      for (const [index, owner] of cast.owners.entries()) await cast.say(approvals[index]!, owner)
      await due
      await docker(...how, name)
      await docker('wait', name)
      expect((await inspect(name)).State.ExitCode).toBe(code)
      expect((await cast.status(0, request)).state).toBe('running')
      await docker('start', name)
      url = await readyUrl(name, ++lives)
      for (const party of [0, 1, 2] as const)
        expect(
          await waitFor(
            `the end at party ${party}`,
            async () => {
              const { state } = await cast.status(party, request)
              return state === 'done' || state === 'aborted' ? state : undefined
            },
            60_000,
          ),
        ).toBe('done')
      expect((await cast.report(request)).rows.map(row => row.map(String)).sort()).toEqual([
        ['junior', '4', '122000'],
        ['senior', '4', '140004'],
      ])
    }
    expect(frames.twice).toEqual([])
    expect(await logsOf(name)).toContain('"event":"resumed"')
  }, 180_000)
})
