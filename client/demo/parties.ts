/**
 * Three computing parties as three processes of this machine, on free loopback ports. They end with the demo, however that
 * ends; only `--keep` leaves them running.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Unavailable } from '../../shared/base/errors.ts'
import type { Signer } from '../../shared/crypto/jws.ts'
import type { PartyPublicKeys } from '../../shared/party/key-file.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { type Place, prepareParty } from './place.ts'

const START_MS = 60_000
const STOP_MS = 10_000

export interface RunningParty {
  readonly party: PartyIndex
  readonly place: Place
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
  place: Place,
  folder: string,
  options: { readonly detached: boolean; readonly onSpawn: (stop: () => Promise<void>) => void },
): Promise<RunningParty> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { command, keys, signer } = await prepareParty(party, place, folder)
  const logFile = join(folder, 'party.log')
  const log = await open(logFile, 'a')
  const { detached } = options
  const child = spawn(process.execPath, [...command, ...(detached ? [] : ['--exit-with-parent'])], {
    stdio: [detached ? 'ignore' : 'pipe', 'pipe', log.fd],
    detached,
  })
  const stop = (): Promise<void> => stopChild(child)
  options.onSpawn(stop)
  const { url } = await whenReady(child, logFile)
  await log.close()
  return {
    party,
    place,
    url,
    pid: child.pid as number,
    keys,
    signer,
    stop,
    leave: () => {
      child.stdout?.destroy()
      child.unref()
    },
  }
}
