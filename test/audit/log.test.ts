import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  digestOfEntry,
  EMPTY_LOG,
  type LogEntry,
  nextEntry,
  stateAfter,
  verifyLog,
} from '../../shared/audit/log.ts'
import { Abort } from '../../shared/base/errors.ts'

const event = fc.record({
  time: fc.integer({ min: 0, max: 4e9 }).map(s => new Date(s * 1000).toISOString()),
  event: fc.constantFrom('document-admitted', 'run-started', 'run-done', 'chunk-deleted'),
  subject: fc.string({ maxLength: 50 }),
  detail: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,8}$/),
    fc.oneof(fc.string({ maxLength: 30 }), fc.nat(), fc.boolean()),
    { maxKeys: 3 },
  ),
})

const logOf = (events: readonly Parameters<typeof nextEntry>[1][]): LogEntry[] => {
  let state = EMPTY_LOG
  return events.map(one => {
    const entry = nextEntry(state, one)
    state = stateAfter(entry)
    return entry
  })
}

const logs = fc.array(event, { minLength: 1, maxLength: 12 }).map(logOf)
const headOf = (entries: readonly LogEntry[]) => verifyLog(entries)

const placeOf = (check: () => unknown): string => {
  try {
    check()
  } catch (error) {
    if (error instanceof Abort && error.check === 'log-broken') return error.where as string
    throw error
  }
  return 'nothing found'
}

test('an untouched log verifies, and its head is the digest of its last entry', () => {
  fc.assert(
    fc.property(logs, entries => {
      const last = entries[entries.length - 1] as LogEntry
      expect(verifyLog(entries)).toEqual({ entries: entries.length, head: digestOfEntry(last) })
      expect(verifyLog(entries, headOf(entries))).toEqual(headOf(entries))
      // The log survives being written to a file and read again.
      expect(verifyLog(JSON.parse(JSON.stringify(entries)))).toEqual(headOf(entries))
    }),
  )
  expect(verifyLog([])).toEqual(EMPTY_LOG)
})

test('any altered entry is found, in any member', () => {
  const alterations: Record<string, (entry: LogEntry) => unknown> = {
    seq: entry => ({ ...entry, seq: entry.seq + 1 }),
    previous: entry => ({ ...entry, previous: digestOfEntry(entry) }),
    time: entry => ({
      ...entry,
      time: entry.time === '2026-01-01T00:00:00Z' ? '2026-01-02T00:00:00Z' : '2026-01-01T00:00:00Z',
    }),
    event: entry => ({ ...entry, event: `${entry.event}-x` }),
    subject: entry => ({ ...entry, subject: `${entry.subject}x` }),
    detail: entry => ({ ...entry, detail: { ...entry.detail, added: true } }),
    extra: entry => ({ ...entry, extra: 1 }),
  }
  fc.assert(
    fc.property(logs, fc.nat(), fc.constantFrom(...Object.values(alterations)), (entries, at, alter) => {
      const place = at % entries.length
      const altered = entries.map((entry, index) => (index === place ? alter(entry) : entry))
      expect(placeOf(() => verifyLog(altered, headOf(entries)))).toMatch(/^entry /)
    }),
  )
})

test('any removed entry is found, also the last', () => {
  fc.assert(
    fc.property(logs, fc.nat(), (entries, at) => {
      const place = at % entries.length
      const removed = entries.filter((_, index) => index !== place)
      expect(placeOf(() => verifyLog(removed, headOf(entries)))).toBe(`entry ${place + 1}`)
    }),
  )
})

test('any two swapped entries are found', () => {
  const two = logs.filter(entries => entries.length > 1)
  fc.assert(
    fc.property(two, fc.nat(), fc.nat(), (entries, a, b) => {
      const [i, j] = [a % entries.length, b % entries.length]
      fc.pre(i !== j)
      const swapped = entries.slice()
      ;[swapped[i], swapped[j]] = [entries[j] as LogEntry, entries[i] as LogEntry]
      expect(placeOf(() => verifyLog(swapped))).toBe(`entry ${Math.min(i, j) + 1}`)
    }),
  )
})

test('any entry inserted or appended after the head was signed is found', () => {
  fc.assert(
    fc.property(logs, event, fc.nat(), (entries, extra, at) => {
      const place = at % (entries.length + 1)
      const before = entries.slice(0, place)
      const inserted = [...before, nextEntry(verifyLog(before), extra), ...entries.slice(place)]
      expect(placeOf(() => verifyLog(inserted, headOf(entries)))).toBe(
        `entry ${place + 2 > inserted.length ? inserted.length : place + 2}`,
      )
    }),
  )
})

test('a log rewritten from some entry on is another log', () => {
  fc.assert(
    fc.property(logs, fc.nat(), (entries, at) => {
      const place = at % entries.length
      const rewritten = logOf(
        entries.map((entry, index) => (index === place ? { ...entry, subject: `${entry.subject}x` } : entry)),
      )
      expect(placeOf(() => verifyLog(rewritten, headOf(entries)))).toBe(`entry ${entries.length}`)
    }),
  )
})

test('entries that are not entries are found, and what may not be logged cannot be written', () => {
  for (const entry of [null, 'text', 7, {}, []]) expect(placeOf(() => verifyLog([entry]))).toBe('entry 1')
  const base = { time: '2026-11-24T08:00:00Z', event: 'run-started', subject: 'x', detail: {} }
  expect(() => nextEntry(EMPTY_LOG, { ...base, event: 'Run Started' })).toThrow()
  expect(() => nextEntry(EMPTY_LOG, { ...base, detail: { rows: [1, 2] } as never })).toThrow()
  expect(() => nextEntry(EMPTY_LOG, { ...base, time: 'now' })).toThrow()
})
