/**
 * Three parties as they are deployed: Lambda functions over DynamoDB and SQS, an Azure function app over Table and Queue
 * Storage, an on-prem process over SQLite, on emulators, with a recording front before each.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FoundingParty } from '../../client/demo/federation.ts'
import { withSecret } from '../../client/demo/place.ts'
import { bundle } from '../../functions/build/bundle.ts'
import { hostLog } from '../../functions/local/host/log.ts'
import { startAwsParty } from '../../functions/local/party/aws.ts'
import { startAzureParty } from '../../functions/local/party/azure.ts'
import type { LocalParty, LocalPartyConfig } from '../../functions/local/party/config.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { killAll, type PartyProcess, startProcess } from './party-process.ts'
import { type RecordedFrames, recordFrames } from './recorded-frames.ts'
import { type Passage, type RecordingFront, startRecordingFront } from './recording-front.ts'

export interface Stack {
  /** With the addresses of the recording fronts. */
  readonly parties: readonly [FoundingParty, FoundingParty, FoundingParty]
  readonly frames: RecordedFrames
  /** SIGKILL to whatever executes this party's workers now; an on-prem party is started again after `downMs`. */
  kill(party: PartyIndex, downMs?: number): Promise<void>
  /** Processes that execute workers of a cloud party. */
  workerPids(party: 0 | 1): readonly number[]
  /** All that the functions and processes of a party have written. */
  logOf(party: PartyIndex): string
  /** The end of all three logs, for a test that failed. */
  logs(): string
  close(): Promise<void>
}

export type StackOptions = Partial<
  Pick<LocalPartyConfig, 'workerS' | 'timerS' | 'deadlines' | 'environment'>
> & {
  /** What happens to a request on its way to a party. */
  readonly network?: (path: string) => Passage
  /** Starts party 0 over services of AWS that run elsewhere, from a package of its own. */
  readonly aws?: typeof startAwsParty
}

const LEASE_MS = 1500
/** Longer than any test waits: a busy machine is no reason for a run to end. */
const ROUND_MS = 180_000
/** Characters of a party's log that a failed test shows. */
const LOG_END = 8000

const cloudParty = async (
  party: 0 | 1,
  directory: string,
  { network: _, aws, ...only }: StackOptions,
  write: (line: string) => void,
) => {
  const cloud = party === 0 ? 'aws' : 'azure'
  const folder = join(directory, cloud)
  mkdirSync(folder)
  const { keys, signer, files } = await withSecret(folder)
  const config: LocalPartyConfig = {
    party,
    secretsFile: join(folder, files.secretsFile),
    dataDir: join(folder, 'data'),
    package: (await bundle(cloud, join(directory, 'packages'))).directory,
    port: 0,
    lanes: 4,
    workerS: 120,
    memoryMb: 1024,
    timerS: 1,
    deadlines: { roundMs: ROUND_MS, leaseMs: LEASE_MS },
    environment: {},
    ...only,
  }
  const start = party === 0 ? (aws ?? startAwsParty) : startAzureParty
  const running: LocalParty = await start(config, hostLog(cloud, write))
  return { running, keys, signer }
}

export const startStack = async (options: StackOptions = {}): Promise<Stack> => {
  const directory = mkdtempSync(join(tmpdir(), 'trias-stack-'))
  const logs = ['', '', '']
  const noting = (party: PartyIndex) => (line: string) => {
    logs[party] += line
  }
  const [aws, azure] = await Promise.all([
    cloudParty(0, directory, options, noting(0)),
    cloudParty(1, directory, options, noting(1)),
  ])
  let onprem: PartyProcess = await startProcess(directory, 2, 0, { roundMs: ROUND_MS })
  const urls = [() => aws.running.url, () => azure.running.url, () => onprem.endpoint]
  const frames = recordFrames()
  const fronts: RecordingFront[] = []
  for (const party of PARTIES)
    fronts.push(await startRecordingFront(frames, () => urls[party]!(), options.network))
  const logOf = (party: PartyIndex): string =>
    party === 2 ? logs[2] + onprem.stderr() : (logs[party] as string)
  return {
    frames,
    parties: [
      { url: fronts[0]!.url, keys: aws.keys, signer: aws.signer, place: 'aws' },
      { url: fronts[1]!.url, keys: azure.keys, signer: azure.signer, place: 'azure' },
      {
        url: fronts[2]!.url,
        keys: { signingKey: onprem.signingKey, sealingKey: onprem.sealingKey },
        signer: {
          kid: keyId(signingKeyPair(onprem.signingSeed).publicKey),
          secretKey: onprem.signingSeed,
        },
        place: 'onprem',
      },
    ],
    kill: async (party, downMs = 0) => {
      if (party === 0) aws.running.killWorkers()
      else if (party === 1) azure.running.killWorkers()
      else {
        await onprem.stop('SIGKILL')
        logs[2] += onprem.stderr()
        await new Promise(resolve => setTimeout(resolve, downMs))
        onprem = await startProcess(directory, 2, Number(new URL(onprem.endpoint).port), {
          roundMs: ROUND_MS,
        })
      }
    },
    workerPids: party => (party === 0 ? aws : azure).running.workerPids(),
    logOf,
    logs: () => PARTIES.map(party => `party ${party}\n${logOf(party).slice(-LOG_END)}`).join('\n'),
    close: async () => {
      for (const front of fronts) front.close()
      await Promise.all([aws.running.close(), azure.running.close()])
      killAll()
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
