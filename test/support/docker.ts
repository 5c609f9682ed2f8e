/** The Docker engine of this machine, where there is one. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { userFor, whyNoContainers } from '../../client/demo/container.ts'
import { createPartyKeyFile } from '../../client/sdk/node/party-key-file.ts'
import type { PartyPublicKeys } from '../../shared/party/key-file.ts'
import { waitFor } from './federation.ts'

const why = whyNoContainers()
/** Before the name of a test that needs an engine, and its reason for being skipped; empty where there is one. */
export const skipped = why === undefined ? '' : `skipped: ${why}. `

/** What it prints. Throws when it fails. */
export const docker = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)('docker', [...args])).stdout.trim()

/** How it ends. */
export const dockerEnd = (...args: readonly string[]): Promise<{ code: number; stderr: string }> =>
  new Promise(done => {
    execFile('docker', [...args], (error, _, stderr) => done({ code: Number(error?.code ?? 0), stderr }))
  })

export const inspect = async (container: string) => JSON.parse(await docker('inspect', container))[0]

/** Both streams of all its lives. */
export const logsOf = (container: string): Promise<string> =>
  new Promise(done => {
    execFile('docker', ['logs', container], (_, stdout, stderr) => done(stdout + stderr))
  })

export interface PartyFolder {
  readonly keys: PartyPublicKeys
  readonly passphrase: string
  /** Options of `docker run` that mount it, and say who reads it. */
  readonly options: readonly string[]
}

/** A folder with `etc` (configuration and keys) and `data`, for the configuration at /etc/trias and data at /data. */
export const partyFolder = async (
  folder: string,
  image: string,
  config: Readonly<Record<string, unknown>>,
): Promise<PartyFolder> => {
  const [etc, data] = [join(folder, 'etc'), join(folder, 'data')]
  const passphrase = 'canary passphrase of a test'
  for (const each of [etc, data]) await mkdir(each, { recursive: true, mode: 0o700 })
  const keys = await createPartyKeyFile(join(etc, 'key'), passphrase)
  await writeFile(join(etc, 'passphrase'), passphrase, { mode: 0o600 })
  const files = { keyFile: 'key', passphraseFile: 'passphrase', region: 'this machine' }
  await writeFile(join(etc, 'party.json'), JSON.stringify({ party: 2, ...files, ...config }))
  await userFor(data, image)
  const user = await userFor(etc, image)
  return {
    keys,
    passphrase,
    options: [`--user=${user}`, `--volume=${etc}:/etc/trias:ro`, `--volume=${data}:/data`],
  }
}

/** The address that a party said it listens on, in its present life. */
export const readyUrl = async (container: string, lives = 1): Promise<string> => {
  const ready = () =>
    logsOf(container).then(logs => logs.split('\n').filter(line => line.includes('"ready":true')))
  const lines = await waitFor(
    `the party in ${container}`,
    async () => {
      const lines = await ready()
      return lines.length === lives ? lines : undefined
    },
    60_000,
  )
  return JSON.parse(lines.at(-1)!).url
}
