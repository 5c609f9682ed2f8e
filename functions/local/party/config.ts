/** What a party of one cloud on this machine needs to know; everything else is its cloud's emulators and host. */
import { z } from 'zod'
import { deadlinesSetting } from '../../party/settings.ts'

export const localPartySchema = z.strictObject({
  party: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** JSON with the two seeds of the party, readable by its owner only; in the cloud they are in its secret store. */
  secretsFile: z.string().min(1),
  /** Tables and queues, where the emulator keeps them on disk. */
  dataDir: z.string().min(1),
  /** The deployment package. */
  package: z.string().min(1),
  /** Of the front on loopback; 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(0),
  /** How many runs may be under way at once. */
  lanes: z.int().min(1).max(64).default(4),
  /** How long one worker may run. */
  workerS: z.number().positive().max(900).default(300),
  memoryMb: z.int().min(128).max(10_240).default(2048),
  /** How often the timer comes; each minute in the clouds. */
  timerS: z.number().positive().default(5),
  deadlines: deadlinesSetting.optional(),
  /** More settings of the functions, such as where telemetry goes. */
  environment: z.record(z.string(), z.string()).default({}),
})

export type LocalPartyConfig = z.infer<typeof localPartySchema>

/** With absolute paths: those in the file are relative to it. */
export const resolved = (config: LocalPartyConfig, at: (path: string) => string): LocalPartyConfig => ({
  ...config,
  secretsFile: at(config.secretsFile),
  dataDir: at(config.dataDir),
  package: at(config.package),
})

/** A party that runs with everything around it. */
export interface LocalParty {
  readonly url: string
  /** SIGKILL to the processes that execute its workers now; their ids. */
  killWorkers(): readonly number[]
  /** Processes that execute workers. */
  workerPids(): readonly number[]
  close(): Promise<void>
}
