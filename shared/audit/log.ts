/**
 * A party's log: entries that each carry the digest of the one before, so that no past entry can be changed, left out,
 * moved or added without every later digest changing. Entries hold digests, kinds, names and counts only, never a
 * share, a key or a value of a row: the log is there to be shown.
 */
import { z } from 'zod'
import { toBase64url, utf8 } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'
import { digestOf, sha256 } from '../crypto/hash.ts'
import { countNumber, digestText, timeText } from '../governance/document/common.ts'

const logEntrySchema = z.strictObject({
  /** 1 for the first entry, then one more each time. */
  seq: z.int().min(1),
  /** Digest of the entry before, or `EMPTY_LOG.head`. */
  previous: digestText,
  time: timeText,
  /** What happened, such as `document-admitted`, `run-started`, `chunk-deleted`. */
  event: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'expected a kebab-case name'),
  /** Digest of the document or run it is about, or another public name. */
  subject: z.string().max(200),
  detail: z.record(z.string().max(64), z.union([z.string().max(500), countNumber, z.boolean()])),
})

export type LogEntry = Readonly<z.infer<typeof logEntrySchema>>

/** How long a log is, and the digest that its last entry has. */
export interface LogState {
  readonly entries: number
  readonly head: string
}

export const EMPTY_LOG: LogState = Object.freeze({
  entries: 0,
  head: toBase64url(sha256(utf8('trias-log-1'))),
})

export const digestOfEntry = (entry: LogEntry): string => digestOf(entry)

/** The entry that comes next. Store it under its `seq` if absent, so that a log cannot fork by accident. */
export const nextEntry = (
  state: LogState,
  event: Pick<LogEntry, 'time' | 'event' | 'subject' | 'detail'>,
): LogEntry => {
  const { time, event: name, subject, detail } = event
  return logEntrySchema.parse({
    seq: state.entries + 1,
    previous: state.head,
    time,
    event: name,
    subject,
    detail,
  })
}

export const stateAfter = (entry: LogEntry): LogState => ({ entries: entry.seq, head: digestOfEntry(entry) })

const broken = (seq: number, what: string): Abort =>
  new Abort('log-broken', `the log does not hold together: ${what}`, { where: `entry ${seq}` })

/**
 * The state after `entries`, which follow `from` (the empty log by default). Throws `Abort('log-broken')` at the first
 * entry that is malformed, out of order, or does not carry the digest of the one before; with `head`, also when the
 * log does not end exactly there. Without a head that others have witnessed, a log cut at its end looks whole.
 */
export const verifyLog = (
  entries: readonly unknown[],
  head?: LogState,
  from: LogState = EMPTY_LOG,
): LogState => {
  let state = from
  for (const candidate of entries) {
    const seq = state.entries + 1
    const parsed = logEntrySchema.safeParse(candidate)
    if (!parsed.success) throw broken(seq, 'an entry has not the shape of one')
    if (parsed.data.seq !== seq) throw broken(seq, `found the entry numbered ${parsed.data.seq} in its place`)
    if (parsed.data.previous !== state.head)
      throw broken(seq, 'it does not carry the digest of the entry before')
    state = stateAfter(parsed.data)
  }
  if (head === undefined) return state
  if (state.entries !== head.entries)
    throw broken(
      Math.min(state.entries, head.entries) + 1,
      `it has ${state.entries} entries, and its head speaks of ${head.entries}`,
    )
  if (state.head !== head.head) throw broken(state.entries, 'its last entry is not the one in the head')
  return state
}
