/** Log as one JSON object a line: when, how bad, which party, what happened, and the ids and counts that belong to it. */
import type { Log, LogFields } from '../../shared/port/log.ts'

/** What a line says of itself; a field of the same name says it of what the event is about. */
const OWN = new Set(['time', 'level', 'party', 'event'])

const nameOf = (field: string): string =>
  OWN.has(field) ? `about${field[0]?.toUpperCase()}${field.slice(1)}` : field

export const jsonLog = (party: number, write: (line: string) => void): Log =>
  Object.freeze({
    write: (level: 'info' | 'warn' | 'error', event: string, fields: LogFields = {}) => {
      try {
        const named = Object.fromEntries(Object.entries(fields).map(([name, value]) => [nameOf(name), value]))
        write(`${JSON.stringify({ time: new Date().toISOString(), level, party, event, ...named })}\n`)
      } catch {
        // A full disk or a closed pipe must not stop a run.
      }
    },
  })
