/** What an Azure Functions host runs: one function app. Everything that the cloud reads from `host.json` is read there. */
import { z } from 'zod'

export const azureHostSchema = z.strictObject({
  /** The unpacked deployment package: `host.json`, and `package.json` whose `main` registers the functions. */
  directory: z.string().min(1),
  /** As the platform tells the functions. */
  region: z.string().min(1).default('Germany West Central'),
  /** App settings: the environment of the functions. */
  settings: z.record(z.string(), z.string()).default({}),
  /** Of the HTTP front on loopback; 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(0),
  /** Worker processes; each runs many invocations at a time. */
  workers: z.int().min(1).max(10).default(1),
  memoryMb: z.int().min(128).default(2048),
  /** In place of the schedules of all timers, so that a test need not wait for the minute. */
  timersEveryS: z.number().positive().optional(),
  /** How long a message is invisible without a sign of life from this host: ten minutes in the cloud. */
  messageLeaseS: z.int().min(1).default(600),
})

export type AzureHostConfig = z.infer<typeof azureHostSchema>
