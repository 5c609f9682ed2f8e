/**
 * Mode: whether this party works, by the word of its operator. It stands in the party's own store, so every process of the
 * party obeys it, and a restart changes nothing.
 *
 *   running    the usual
 *   paused     stores what arrives and does nothing about it; deadlines of the others go on
 *   draining   finishes what all have agreed on, and says no to everything new
 */
import { Refusal } from '../base/errors.ts'
import type { Store } from '../port/store.ts'
import { getJson, putJson } from './blob.ts'
import { WorkerLeaves } from './lease.ts'
import type { Self } from './self.ts'

export type Mode = 'running' | 'paused' | 'draining'

export interface PartyMode {
  readonly mode: Mode
  /** When the operator said so; undefined: never said anything. */
  readonly sinceMs?: number
}

const KEY = 'control/mode'

export const readMode = async (durable: Store): Promise<PartyMode> => {
  const record = await durable.get(KEY)
  return record === null ? { mode: 'running' } : getJson<PartyMode>(record.value)
}

/** The last word counts; saying it twice changes nothing. The log has it before it is so. */
export const writeMode = async ({ world, journal }: Self, mode: Mode): Promise<void> => {
  const { durable, clock, party } = world
  for (;;) {
    const record = await durable.get(KEY)
    const before = record === null ? 'running' : getJson<PartyMode>(record.value).mode
    if (before === mode) return
    await journal.append('mode-set', `party-${party}`, { mode, before })
    const value = putJson({ mode, sinceMs: clock.nowMs() } satisfies PartyMode)
    const isWritten =
      record === null
        ? (await durable.putIfAbsent(KEY, value)) === null
        : (await durable.compareAndSet(KEY, record.version, value)) !== null
    if (isWritten) return
  }
}

export const isPaused = async ({ world }: Self): Promise<boolean> =>
  (await readMode(world.durable)).mode === 'paused'

export const leavesPaused = (): WorkerLeaves => new WorkerLeaves('paused', 'the party is paused')

export const refusesNew = ({ world }: Self): Refusal =>
  new Refusal(
    'party-draining',
    `party ${world.party} takes nothing new: its operator has asked it to drain`,
    {
      hint: 'try again when it works again; what it had not begun is to be asked again',
    },
  )

/** Throws Refusal('party-draining'). */
export const requireTakesNew = async (self: Self): Promise<void> => {
  if ((await readMode(self.world.durable)).mode === 'draining') throw refusesNew(self)
}
