/** Mailbox over node:sqlite: written first, then handed to the run of this process that waits for it. */
import type { DatabaseSync } from 'node:sqlite'
import type { Mail, Mailbox } from '../../../shared/port/mailbox.ts'
import { createWaiting } from '../../party/waiting.ts'

export const sqliteMailbox = (database: DatabaseSync): Mailbox => {
  database.exec(
    'CREATE TABLE IF NOT EXISTS frame (run TEXT NOT NULL, id TEXT NOT NULL, round INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (run, id)) STRICT',
  )
  const insert = database.prepare(
    'INSERT INTO frame (run, id, round, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const select = database.prepare('SELECT id, round, body FROM frame WHERE run = ?')
  const remove = database.prepare('DELETE FROM frame WHERE run = ? AND round < ?')
  const waiting = createWaiting()
  return Object.freeze({
    deliver: async (run: string, mail: Mail) => {
      if (insert.run(run, mail.id, mail.round, mail.body).changes === 1) waiting.announce(run, mail)
    },
    open: (run: string) =>
      waiting.open(run, () =>
        select
          .all(run)
          .map(row => ({ id: row.id as string, round: Number(row.round), body: row.body as Uint8Array })),
      ),
    settle: async (run: string, round = Number.MAX_SAFE_INTEGER) => {
      remove.run(run, round)
    },
  })
}
