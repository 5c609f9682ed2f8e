/**
 * The three database files of an on-prem party.
 *
 * `durable.db` holds share chunks, documents and the log: WAL with synchronous=FULL, every commit survives a power cut.
 * `volatile.db` holds run keys, leases and digests of what was sent, `mail.db` the frames of runs. Both are volatile in
 * that they stay out of backups and are emptied when a run ends, not in that they may be lost before: a run goes on after
 * a restart. So both run with synchronous=FULL too. A digest that a power cut took back would let the party send a second
 * message under one mask, and a frame that it took back was acknowledged, so nobody would send it again. In
 * `volatile.db` deleted pages are overwritten (secure_delete), and the write-ahead log is emptied when a run key is
 * destroyed, so that the key is left in neither file. Frames are ciphertext under such keys, and large, so `mail.db` does without.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface Databases {
  readonly durable: DatabaseSync
  readonly volatile: DatabaseSync
  readonly mail: DatabaseSync
  /** Whether all three can be read. */
  answer(): boolean
  close(): void
}

export const openDatabases = (dataDir: string): Databases => {
  const durable = openDatabase(join(dataDir, 'durable.db'))
  const volatile = openDatabase(join(dataDir, 'volatile.db'))
  const mail = openDatabase(join(dataDir, 'mail.db'))
  mail.exec('PRAGMA secure_delete = OFF')
  // A process that died between deleting a key and emptying the log has left the key there.
  emptyLog(volatile)
  return {
    durable,
    volatile,
    mail,
    answer: () => {
      try {
        for (const database of [durable, volatile, mail])
          database.prepare('SELECT count(*) FROM sqlite_schema').get()
        return true
      } catch {
        return false
      }
    },
    close: () => {
      mail.close()
      volatile.close()
      durable.close()
    },
  }
}

/**
 * Writes everything into the file itself and cuts the write-ahead log to nothing. Deleting with secure_delete overwrites
 * the page in the file; its earlier image, with the value still there, would rest in the log until it wraps around.
 */
export const emptyLog = (database: DatabaseSync): void => {
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}

/** Throws when another process holds the file: one party, one process. */
export const openDatabase = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA busy_timeout = 2000;
  `)
  return database
}
