/**
 * Three parties as the demo starts them, one on AWS, one on Azure and one on-premises, each with a probe in every process
 * that executes it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { FoundingParty } from '../../client/demo/federation.ts'
import { type Place, prepareParty } from '../../client/demo/place.ts'
import { bundle } from '../../functions/build/bundle.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { type ProbeEvent, readEvents } from './events.ts'

export const PLACES = ['aws', 'azure', 'onprem'] as const satisfies readonly Place[]

/** What a probe holds back before it writes. */
const PROBE_LAG_MS = 250
const PROBE = new URL('./probe.ts', import.meta.url).href
/** In the clouds' emulators only; an on-prem process takes what it needs. */
const MEMORY_MB = 4096
const WORKER_S = 590
/** As in the clouds. */
const TIMER_S = 60

export interface MeasuredParties {
  readonly founding: readonly FoundingParty[]
  readonly folder: string
  /** What the probes of a party have seen so far. */
  events(party: PartyIndex): Promise<readonly ProbeEvent[]>
  /** Lines that the party has logged, parsed. */
  logOf(party: PartyIndex): Promise<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<void>
}

const probed = (directory: string): Record<string, string> => ({
  NODE_OPTIONS: `--import ${PROBE}`,
  TRIAS_BENCH_PROBE: directory,
})

const startOne = async (party: PartyIndex, folder: string, packages: string) => {
  const place = PLACES[party]
  const probes = join(folder, 'probes')
  await mkdir(probes, { recursive: true, mode: 0o700 })
  const { command, keys, signer } = await prepareParty(party, place, folder)
  const [entry, configFile] = command
  if (place !== 'onprem') {
    const config = JSON.parse(await readFile(configFile, 'utf8'))
    const more = {
      package: join(packages, place),
      environment: probed(probes),
      memoryMb: MEMORY_MB,
      workerS: WORKER_S,
      timerS: TIMER_S,
    }
    await writeFile(configFile, JSON.stringify({ ...config, ...more }))
  }
  const log = await open(join(folder, 'party.log'), 'a')
  const child = spawn(process.execPath, [entry, configFile, '--exit-with-parent'], {
    stdio: ['pipe', 'pipe', log.fd],
    env: { ...process.env, ...(place === 'onprem' ? probed(probes) : {}) },
  })
  await log.close()
  const failed = once(child, 'exit').then(() => {
    throw new Error(`the party on ${place} did not start; see ${join(folder, 'party.log')}`)
  })
  failed.catch(() => {})
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const [line] = (await Promise.race([once(lines, 'line'), failed])) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return { child, founding: { url, keys, signer, place } satisfies FoundingParty }
}

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

export const startMeasuredParties = async (): Promise<MeasuredParties> => {
  const folder = await mkdtemp(join(tmpdir(), 'trias-bench-'))
  const of = (party: PartyIndex): string => join(folder, `party-${party}`)
  const packages = join(folder, 'packages')
  const children: ChildProcess[] = []
  const close = async (): Promise<void> => {
    await Promise.all(children.map(stop))
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await Promise.all([bundle('aws', packages), bundle('azure', packages)])
    const founding = await Promise.all(
      PARTIES.map(async party => {
        const started = await startOne(party, of(party), packages)
        children.push(started.child)
        return started.founding
      }),
    )
    return {
      founding,
      folder,
      events: async party => {
        await new Promise(resolve => setTimeout(resolve, PROBE_LAG_MS))
        return readEvents(join(of(party), 'probes'))
      },
      logOf: async party =>
        (await readFile(join(of(party), 'party.log'), 'utf8'))
          .split('\n')
          .filter(line => line.startsWith('{'))
          .map(line => JSON.parse(line)),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
