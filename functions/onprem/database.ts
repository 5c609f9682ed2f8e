/**
 * The two database files of an on-prem party.
 *
 * `durable.db` holds share chunks, documents and the log: WAL with synchronous=FULL, every commit survives a power cut.
 * `volatile.db` holds run keys, frames and digests of what was sent. It runs with synchronous=NORMAL: a commit survives
 * the death of the process, which is what a run needs; a power cut may lose the last commits, and that is safe because a
 * run never continues over a restart of the party, it aborts. It must stay out of backups. Deleted pages are overwritten
 * (secure_delete), so that a destroyed key is not left in the file.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface Databases {
  readonly durable: DatabaseSync
  readonly volatile: DatabaseSync
  close(): void
}

export const openDatabases = (dataDir: string): Databases => {
  const durable = openDatabase(join(dataDir, 'durable.db'), 'FULL')
  const volatile = openDatabase(join(dataDir, 'volatile.db'), 'NORMAL')
  return {
    durable,
    volatile,
    close: () => {
      volatile.close()
      durable.close()
    },
  }
}

/** Throws when another process holds the file: one party, one process. */
export const openDatabase = (path: string, synchronous: 'FULL' | 'NORMAL'): DatabaseSync => {
  const database = new DatabaseSync(path)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${synchronous};
    PRAGMA secure_delete = ON;
    PRAGMA busy_timeout = 2000;
  `)
  return database
}
