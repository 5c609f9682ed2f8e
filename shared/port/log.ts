/**
 * Log: one structured line per event for the people who operate a party. Not the audit log (`shared/audit`), which is
 * evidence. Fields hold digests, indices, rule names and counts, never a share, key, token or row value.
 */

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  /** Never throws: a full disk must not stop a run. */
  write(level: 'info' | 'warn' | 'error', event: string, fields?: LogFields): void
}
