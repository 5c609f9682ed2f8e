/** The party's audit log: hash-chained entries in the durable store, appended one after the other. */
import { EMPTY_LOG, type LogEntry, type LogState, nextEntry, stateAfter } from '../audit/log.ts'
import type { Clock } from '../port/clock.ts'
import type { Log } from '../port/log.ts'
import type { Store } from '../port/store.ts'
import { getJson, putJson } from './blob.ts'

type JournalDetail = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * Refusals are logged once for each subject and rule: whoever replays a refused document or a frame of a run that has
 * ended, which needs no key, must not make the log grow.
 */
const ONCE: ReadonlySet<string> = new Set(['document-refused', 'frame-refused'])
/** Refusals remembered; a bound on memory, so a refusal may be logged again after this many others, or a restart. */
const ONCE_MAX = 10_000

export interface Journal {
  /** Durable before it returns, or it stands there already, see `ONCE`. Also writes a line for the operator. */
  append(event: string, subject: string, detail?: JournalDetail): Promise<void>
  /** Entries numbered from `after` + 1 on, at most `limit`. */
  read(after: number, limit: number): Promise<readonly LogEntry[]>
  state(): Promise<LogState>
}

/** Numbers of equal length sort as text; a partition holds ten thousand entries. */
const keyOf = (seq: number): string => {
  const text = String(seq).padStart(12, '0')
  return `log-${text.slice(0, 8)}/${text.slice(8)}`
}

/** Texts in an entry are short; a longer detail is cut, never refused, because what happened must be logged. */
const TEXT_MAX = 500

export const createJournal = (store: Store, clock: Clock, log: Log): Journal => {
  let last: LogState | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const entryAt = async (seq: number): Promise<LogEntry | null> => {
    const record = await store.get(keyOf(seq))
    return record === null ? null : getJson<LogEntry>(record.value)
  }
  /**
   * The end of the log. It has no gaps, so a process that begins looks at ever larger steps until it finds none, then halves
   * the last step: logarithmically many reads, and one when nothing was added since.
   */
  const catchUp = async (): Promise<LogState> => {
    const begin = last?.entries ?? 0
    let newest: LogEntry | null = null
    let absent = begin + 1
    for (let step = 1; ; step *= 2) {
      const entry = await entryAt(absent)
      if (entry === null) break
      newest = entry
      absent = entry.seq + step
    }
    for (let present = newest?.seq ?? begin; absent - present > 1; ) {
      const middle = Math.floor((present + absent) / 2)
      const entry = await entryAt(middle)
      if (entry === null) absent = middle
      else {
        newest = entry
        present = middle
      }
    }
    last = newest === null ? (last ?? EMPTY_LOG) : stateAfter(newest)
    return last
  }
  const append = async (event: string, subject: string, detail: JournalDetail = {}): Promise<void> => {
    const kept = Object.fromEntries(
      Object.entries(detail)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, TEXT_MAX) : value]),
    ) as LogEntry['detail']
    for (;;) {
      const time = new Date(clock.nowMs()).toISOString()
      const entry = nextEntry(await catchUp(), { time, event, subject, detail: kept })
      if ((await store.putIfAbsent(keyOf(entry.seq), putJson(entry))) === null) {
        last = stateAfter(entry)
        break
      }
    }
    log.write('info', event, { subject, ...detail })
  }
  const logged = new Set<string>()
  const appendOnce = async (event: string, subject: string, detail: JournalDetail = {}): Promise<void> => {
    const name = `${event}|${subject}|${detail.rule}`
    // What is refused again and again stays among the newest.
    const isNew = !logged.delete(name)
    logged.add(name)
    if (!isNew) return
    const [oldest] = logged
    if (logged.size > ONCE_MAX && oldest !== undefined) logged.delete(oldest)
    try {
      await append(event, subject, detail)
    } catch (error) {
      logged.delete(name)
      throw error
    }
  }
  /** One after the other within this process; put-if-absent settles it between processes. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }
  return {
    append: (event, subject, detail) =>
      inTurn(() => (ONCE.has(event) ? appendOnce : append)(event, subject, detail)),
    state: () => inTurn(catchUp),
    read: async (after, limit) => {
      const entries: LogEntry[] = []
      for (let seq = after + 1; seq <= after + limit; seq++) {
        const entry = await entryAt(seq)
        if (entry === null) break
        entries.push(entry)
      }
      return entries
    },
  }
}
