/** Mailbox over node:sqlite: written first, then handed to the run of this process that waits for it. */
import type { DatabaseSync } from 'node:sqlite'
import type { Mail, Mailbox } from '../../shared/port/mailbox.ts'
import { createWaiting } from '../party/waiting.ts'

export const sqliteMailbox = (database: DatabaseSync): Mailbox => {
  database.exec(
    'CREATE TABLE IF NOT EXISTS mail (run TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (run, id)) STRICT',
  )
  const insert = database.prepare('INSERT INTO mail (run, id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const select = database.prepare('SELECT id, body FROM mail WHERE run = ?')
  const remove = database.prepare('DELETE FROM mail WHERE run = ?')
  const waiting = createWaiting()
  return Object.freeze({
    deliver: async (run: string, mail: Mail) => {
      if (insert.run(run, mail.id, mail.body).changes === 1) waiting.announce(run, mail)
    },
    open: (run: string) =>
      waiting.open(run, () =>
        select.all(run).map(row => ({ id: row.id as string, body: row.body as Uint8Array })),
      ),
    settle: async (run: string) => {
      remove.run(run)
    },
    wake: waiting.wake,
  })
}
