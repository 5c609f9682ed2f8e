/** What a measurement was made on: with numbers of a busy machine goes how busy it was. */
import { cpus, loadavg } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly node: string
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  node: process.version,
})

/** Processes that wanted a core in the last minute. */
export const loadNow = (): number => Math.round((loadavg()[0] as number) * 10) / 10
