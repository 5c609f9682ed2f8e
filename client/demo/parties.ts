/**
 * Three computing parties as three processes of this machine, one of them in a container perhaps, on free loopback ports.
 * They end with the demo, however that ends; only `--keep` leaves them running.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Unavailable } from '../../shared/base/errors.ts'
import type { Signer } from '../../shared/crypto/jws.ts'
import type { PartyPublicKeys } from '../../shared/party/key-file.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { prepareContainer } from './container.ts'
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
    const failed = async (why: string): Promise<void> => {
      // The log may be gone when this is read.
      const log = await readFile(logFile, 'utf8').catch(() => '')
      fail(new Unavailable(`a party did not start: ${why}. ${log.trim().split('\n').at(-1)}`))
    }
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

interface StartOptions {
  readonly detached: boolean
  /** What a container is made from. */
  readonly image: string
  /** Hears of the process at once, before it is ready, so that it can be stopped in any case. */
  readonly onSpawn: (stop: () => Promise<void>) => void
}

const prepare = async (party: PartyIndex, place: Place, folder: string, image: string) => {
  if (place === 'container') return prepareContainer(party, folder, image)
  const { command, ...prepared } = await prepareParty(party, place, folder)
  return { ...prepared, command: [process.execPath, ...command] as const, remove: async () => {} }
}

export const startParty = async (
  party: PartyIndex,
  place: Place,
  folder: string,
  { detached, image, onSpawn }: StartOptions,
): Promise<RunningParty> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { command, keys, signer, remove } = await prepare(party, place, folder, image)
  const [program, ...args] = command
  const logFile = join(folder, 'party.log')
  const log = await open(logFile, 'a')
  const child = spawn(program, [...args, ...(detached ? [] : ['--exit-with-parent'])], {
    stdio: [detached ? 'ignore' : 'pipe', 'pipe', log.fd],
    detached,
  })
  const stop = async (): Promise<void> => {
    await stopChild(child)
    await remove()
  }
  onSpawn(stop)
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
