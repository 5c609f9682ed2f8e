/**
 * Three computing parties as three processes of this machine, on free loopback ports. Whatever happens to the demo,
 * `stop` ends them; only `--keep` leaves them running.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Unavailable } from '../../shared/base/errors.ts'
import type { Signer } from '../../shared/crypto/jws.ts'
import type { PartyPublicKeys } from '../../shared/party/key-file.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { createPartyKeyFile, readPartySigner } from '../sdk/node/party-key-file.ts'

/** The on-prem party's own entry; started by path, as an operator would. */
const ENTRY = fileURLToPath(new URL('../../functions/onprem/main.ts', import.meta.url))
const START_MS = 20_000
const STOP_MS = 5_000

export interface RunningParty {
  readonly party: PartyIndex
  readonly url: string
  readonly pid: number
  readonly keys: PartyPublicKeys
  /** For the one thing that an operator signs by hand: the manifest. */
  readonly signer: Signer
  /** Waits until the process is gone. */
  stop(): Promise<void>
  /** Lets this process end while the party goes on. */
  leave(): void
}

const whenReady = (child: ChildProcess, logFile: string): Promise<{ url: string }> =>
  new Promise((ready, fail) => {
    const failed = (why: string): void =>
      fail(new Unavailable(`a party did not start: ${why}; see ${logFile}`))
    const timer = setTimeout(() => failed('no answer in time'), START_MS)
    child.once('error', error => failed(error.message))
    child.once('exit', code => failed(`exit code ${code}`))
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    lines.once('line', line => {
      clearTimeout(timer)
      lines.close()
      ready(JSON.parse(line) as { url: string })
    })
  })

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await gone
  clearTimeout(timer)
}

/** `onSpawn` hears of the process at once, before it is ready, so that it can be stopped in any case. */
export const startParty = async (
  party: PartyIndex,
  folder: string,
  options: { readonly detached: boolean; readonly onSpawn: (stop: () => Promise<void>) => void },
): Promise<RunningParty> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const passphrase = randomBytes(18).toString('base64url')
  const keyFile = join(folder, 'party.key.json')
  const passphraseFile = join(folder, 'passphrase')
  const keys = await createPartyKeyFile(keyFile, passphrase)
  await writeFile(passphraseFile, passphrase, { mode: 0o600 })
  const config = {
    party,
    listen: { host: '127.0.0.1', port: 0 },
    dataDir: 'data',
    keyFile: 'party.key.json',
    passphraseFile: 'passphrase',
  }
  const configFile = join(folder, 'party.json')
  await writeFile(configFile, `${JSON.stringify(config, null, 2)}\n`)

  const logFile = join(folder, 'party.log')
  const log = await open(logFile, 'a')
  const child = spawn(process.execPath, [ENTRY, configFile], {
    stdio: ['ignore', 'pipe', log.fd],
    detached: options.detached,
  })
  const stop = (): Promise<void> => stopChild(child)
  options.onSpawn(stop)
  const { url } = await whenReady(child, logFile)
  await log.close()
  return {
    party,
    url,
    pid: child.pid as number,
    keys,
    signer: await readPartySigner(keyFile, passphrase),
    stop,
    leave: () => {
      child.stdout?.destroy()
      child.unref()
    },
  }
}
