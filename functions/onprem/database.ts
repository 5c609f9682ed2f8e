/**
 * The three database files of an on-prem party.
 *
 * `durable.db` holds share chunks, documents and the log: WAL with synchronous=FULL, every commit survives a power cut.
 * `volatile.db` holds run keys and digests of what was sent, `mail.db` the frames of runs. Both run with
 * synchronous=NORMAL: a commit survives the death of the process, which is what a run needs; a power cut may lose the
 * last commits, and that is safe because a run never continues over a restart of the party, it aborts. Both must stay
 * out of backups. In `volatile.db` deleted pages are overwritten (secure_delete), so that a destroyed key is not left in
 * the file. Frames are ciphertext under such keys, and large, so `mail.db` does without.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface Databases {
  readonly durable: DatabaseSync
  readonly volatile: DatabaseSync
  readonly mail: DatabaseSync
  close(): void
}

export const openDatabases = (dataDir: string): Databases => {
  const durable = openDatabase(join(dataDir, 'durable.db'), 'FULL')
  const volatile = openDatabase(join(dataDir, 'volatile.db'), 'NORMAL')
  const mail = openDatabase(join(dataDir, 'mail.db'), 'NORMAL')
  mail.exec('PRAGMA secure_delete = OFF')
  return {
    durable,
    volatile,
    mail,
    close: () => {
      mail.close()
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
