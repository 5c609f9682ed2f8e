/**
 * A party as a container of the operator's own image: built from the folder that `npm run synth:onprem -- --context` fills,
 * with nothing pulled, and run without rights. It is on the network of this machine, as the two other parties are.
 */
import { execFile, spawnSync } from 'node:child_process'
import { chown, mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { InputError } from '../../shared/base/errors.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { type PreparedParty, prepareParty } from './place.ts'

const SYNTH = fileURLToPath(new URL('../../infra/onprem/main.ts', import.meta.url))
const ENGINE_MS = 10_000
const run = promisify(execFile)

/** What a party needs of the machine: nothing of it. */
export const WITHOUT_RIGHTS = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges'] as const

/** Why no image can be built and run here; undefined when it can. */
export const whyNoContainers = (): string | undefined => {
  if (process.platform !== 'linux') return 'the image takes Node and its libraries from a Linux machine'
  const { status, stdout, stderr, error } = spawnSync('docker', ['version', '--format', '{{.Server.Os}}'], {
    encoding: 'utf8',
    timeout: ENGINE_MS,
  })
  if (error !== undefined)
    return 'code' in error && error.code === 'ENOENT'
      ? 'there is no `docker` command'
      : 'no Docker engine answers in time'
  if (status !== 0) return `no Docker engine answers: ${stderr.trim().split('\n').at(-1)}`
  return stdout.trim() === 'linux' ? undefined : `the Docker engine runs ${stdout.trim()}, not linux`
}

/** Throws InputError. */
export const requireContainers = (): void => {
  const why = whyNoContainers()
  if (why === undefined) return
  throw new InputError('party 2 cannot be a container here', {
    where: why,
    hint: 'Start a Docker engine that this user may use (Debian: docker.io), or leave --container out.',
  })
}

/** Builds the image under this tag, with what it is made of in `folder`. Throws InputError. */
export const buildImage = async (tag: string, folder: string, signal?: AbortSignal): Promise<void> => {
  const options = signal === undefined ? {} : { signal }
  try {
    const env = { ...process.env, TRIAS_ONPREM_OUTDIR: folder }
    await run(process.execPath, [SYNTH, '--context'], { ...options, env })
    // What names no base begins with nothing, and what has no network pulls nothing.
    await run(
      'docker',
      ['build', '--network=none', '--build-arg=SOURCE_DATE_EPOCH=0', `--tag=${tag}`, join(folder, 'image')],
      options,
    )
  } catch (cause) {
    throw new InputError('the image of the party could not be built', {
      cause,
      hint: 'npm run synth:onprem -- --context && docker build --network=none onprem.out/image says why',
    })
  }
}

export const removeImage = async (tag: string): Promise<void> => {
  await run('docker', ['image', 'rm', '--force', tag]).catch(() => {})
}

export interface PreparedContainer extends Omit<PreparedParty, 'command'> {
  readonly command: readonly [program: string, ...args: string[]]
  /** Also when it still runs. */
  remove(): Promise<void>
}

/** Who can read the folder in the container: the image's own user when root may give it away, else whoever runs this. */
export const userFor = async (folder: string, image: string): Promise<string> => {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  if (uid !== 0) return `${uid}:${gid}`
  const { stdout } = await run('docker', ['image', 'inspect', '--format={{.Config.User}}', image])
  const [owner, group] = stdout.trim().split(':').map(Number) as [number, number]
  for (const name of ['.', ...(await readdir(folder))]) await chown(join(folder, name), owner, group)
  return stdout.trim()
}

/** Keys, configuration and database stay in the folder; the container may write to the database only. */
export const prepareContainer = async (
  party: PartyIndex,
  folder: string,
  image: string,
): Promise<PreparedContainer> => {
  const { keys, signer, command } = await prepareParty(party, 'onprem', folder)
  const [, configFile] = command
  await mkdir(join(folder, 'data'), { mode: 0o700 })
  const user = await userFor(folder, image)
  // The folder of the demo is in the name, so that what is left of it can be found.
  const name = `${basename(dirname(folder))}-${basename(folder)}`
  return {
    keys,
    signer,
    command: [
      'docker',
      'run',
      '--rm',
      // Its stdin ends with this process, and so does the party.
      '--interactive',
      `--name=${name}`,
      `--user=${user}`,
      ...WITHOUT_RIGHTS,
      '--network=host',
      // What it writes to stderr comes here; the engine keeps no copy.
      '--log-driver=none',
      // It looks at a port of this machine that may be anyone's; there is no admin listener in the demo.
      '--no-healthcheck',
      `--volume=${folder}:/party:ro`,
      `--volume=${join(folder, 'data')}:/party/data`,
      image,
      `/party/${basename(configFile)}`,
    ],
    remove: async () => {
      await run('docker', ['rm', '--force', name]).catch(() => {})
    },
  }
}
