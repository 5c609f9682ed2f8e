/**
 * Mailbox over PostgreSQL. A message is a row, and its commit tells every replica that it came, so that the inbox of any of
 * them reads it at once; an inbox that waits also looks by itself now and then, because a notification may be lost.
 */
import type { Inbox, Mail, Mailbox } from '../../../shared/port/mailbox.ts'
import type { PostgresDatabase } from './database.ts'
import { mailNews } from './listener.ts'

/** How long a lost notification may delay a message. */
const LOOK_MS = 1_000

interface Reader {
  readonly run: string
  /** Round by id of what was returned or is about to be; what is settled is forgotten. */
  readonly seen: Map<string, number>
  readonly queue: Mail[]
  /** There may be more in the table than is known here. */
  isBehind: boolean
  lookedMs: number
  isWoken: boolean
  stir: (() => void) | undefined
}

export const postgresMailbox = (database: PostgresDatabase): Mailbox => {
  const table = database.table('frame')
  const readers = new Set<Reader>()

  const take = (reader: Reader, mail: Mail): void => {
    if (reader.seen.has(mail.id)) return
    reader.seen.set(mail.id, mail.round)
    reader.queue.push(mail)
  }

  database.onNews(news => {
    if (news.kind === 'wake') return
    for (const reader of readers) {
      if (news.kind === 'mail' && (news.run !== reader.run || reader.seen.has(news.id))) continue
      reader.isBehind = true
      reader.stir?.()
    }
  })

  const look = async (reader: Reader): Promise<void> => {
    reader.isBehind = false
    try {
      const { rows } = await database.query(
        `SELECT id, round, body FROM ${table} WHERE run = $1 AND NOT id = ANY ($2::text[])`,
        [reader.run, [...reader.seen.keys()]],
      )
      for (const row of rows)
        take(reader, { id: row.id as string, round: Number(row.round), body: row.body as Uint8Array })
      reader.lookedMs = Date.now()
    } catch (error) {
      reader.isBehind = true
      throw error
    }
  }

  const stirred = (reader: Reader, waitMs: number): Promise<void> =>
    new Promise<void>(resolve => {
      const timer = setTimeout(resolve, waitMs)
      reader.stir = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const receive = async (reader: Reader, waitMs: number): Promise<readonly Mail[]> => {
    const endMs = Date.now() + waitMs
    for (;;) {
      if (reader.queue.length === 0 && (reader.isBehind || Date.now() - reader.lookedMs >= LOOK_MS))
        await look(reader)
      const leftMs = endMs - Date.now()
      if (reader.queue.length > 0 || reader.isWoken || leftMs <= 0) {
        reader.isWoken = false
        return reader.queue.splice(0)
      }
      // It may have been behind again before the look came back.
      if (!reader.isBehind) await stirred(reader, Math.min(leftMs, LOOK_MS))
      reader.stir = undefined
    }
  }

  const open = (run: string): Inbox => {
    const reader: Reader = {
      run,
      seen: new Map(),
      queue: [],
      isBehind: true,
      lookedMs: 0,
      isWoken: false,
      stir: undefined,
    }
    readers.add(reader)
    const wake = (): void => {
      reader.isWoken = true
      reader.stir?.()
    }
    return {
      receive: waitMs => receive(reader, waitMs),
      wake,
      close: async () => {
        readers.delete(reader)
        wake()
      },
    }
  }

  return Object.freeze({
    deliver: async (run: string, mail: Mail) => {
      const { count } = await database.query(
        `WITH taken AS (
           INSERT INTO ${table} (run, id, round, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id
         ) SELECT pg_notify($5, $6) FROM taken`,
        [run, mail.id, mail.round, mail.body, database.channel, mailNews(run, mail.id)],
      )
      if (count === 0) return
      // An inbox of this process has it already, and need not read it back.
      for (const reader of readers)
        if (reader.run === run) {
          take(reader, mail)
          reader.stir?.()
        }
    },
    open,
    settle: async (run: string, round = Number.MAX_SAFE_INTEGER) => {
      await database.query(`DELETE FROM ${table} WHERE run = $1 AND round < $2`, [run, round])
      for (const { run: ofReader, seen } of readers)
        if (ofReader === run) for (const [id, of] of seen) if (of < round) seen.delete(id)
    },
  })
}
