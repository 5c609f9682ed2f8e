/** Log as one JSON object a line. */
import type { Log, LogFields } from '../../shared/port/log.ts'

export const jsonLog = (party: number, write: (line: string) => void): Log =>
  Object.freeze({
    write: (level: 'info' | 'warn' | 'error', event: string, fields: LogFields = {}) => {
      try {
        write(`${JSON.stringify({ time: new Date().toISOString(), level, party, event, ...fields })}\n`)
      } catch {
        // A full disk or a closed pipe must not stop a run.
      }
    },
  })
