/**
 * Waker over PostgreSQL. A wake is a row; of several replicas one takes it (SKIP LOCKED), holds it while its worker is
 * busy, and deletes it afterwards. The hold runs out unless it is renewed, so a replica that died gives its wakes to the
 * others. A subject that waits already is not asked for twice; one whose worker is busy is, since that worker may have
 * looked before.
 */
import { randomUUID } from 'node:crypto'
import type { Log } from '../../../shared/port/log.ts'
import type { Waker } from '../../../shared/port/waker.ts'
import { systemClock } from '../../party/system-clock.ts'
import type { PostgresDatabase } from './database.ts'
import { wakeNews } from './listener.ts'

export interface WakeTable extends Waker {
  /** Calls `work` for every wake that this replica takes; when it throws, the wake comes again later, here or elsewhere. */
  serve(work: (subject: string) => Promise<void>): WakeServer
}

interface WakeServer {
  /** Takes no more wakes. */
  stop(): void
  /** After `stop`, when nothing is in hand: what could not be finished is the other replicas'. */
  stopped(): Promise<void>
}

interface WakeOptions {
  readonly log: Log
  /** After how long without a sign of life another replica may take a wake. */
  readonly holdMs?: number
  /** How long a lost notification may delay a wake. */
  readonly lookMs?: number
}

/** Workers mostly wait for peers, so many fit one process. */
const IN_HAND_MAX = 64
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 5_000
/** Whatever is open is woken again by the timer, so a wake that fails for ever need not come for ever. */
const TRIES_MAX = 12

interface Taken {
  readonly id: string
  readonly subject: string
  readonly tries: number
}

export const postgresWaker = (
  database: PostgresDatabase,
  { log, holdMs = 10_000, lookMs = 1_000 }: WakeOptions,
): WakeTable => {
  const table = database.table('wake')
  const holder = randomUUID()

  const wake = async (subject: string): Promise<void> => {
    await database.query(
      `WITH asked AS (
         INSERT INTO ${table} (subject) VALUES ($1) ON CONFLICT (subject) WHERE holder IS NULL DO NOTHING RETURNING id
       ) SELECT pg_notify($2, $3) FROM asked`,
      [subject, database.channel, wakeNews],
    )
  }

  const takeOne = async (): Promise<Taken | undefined> => {
    const { rows } = await database.query(
      `WITH next AS MATERIALIZED (
         SELECT id FROM ${table}
         WHERE holder IS NULL AND due <= clock_timestamp() OR held_until < clock_timestamp()
         ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
       )
       UPDATE ${table} wake SET holder = $1, held_until = clock_timestamp() + $2 * interval '1 millisecond',
         tries = wake.tries + 1
       FROM next WHERE wake.id = next.id RETURNING wake.id::text, subject, wake.tries`,
      [holder, holdMs],
    )
    const [row] = rows
    if (row === undefined) return undefined
    return { id: row.id as string, subject: row.subject as string, tries: Number(row.tries) }
  }

  const finish = (id: string): Promise<unknown> =>
    database.query(`DELETE FROM ${table} WHERE id = $1 AND holder = $2`, [id, holder])

  const giveBack = async (id: string, afterMs: number): Promise<void> => {
    const { count } = await database.query(
      `WITH back AS (
         UPDATE ${table} wake SET holder = NULL, held_until = NULL,
           due = clock_timestamp() + $3 * interval '1 millisecond'
         WHERE id = $1 AND holder = $2 AND NOT EXISTS (
           SELECT FROM ${table} other WHERE other.subject = wake.subject AND other.holder IS NULL
         ) RETURNING id
       ) SELECT pg_notify($4, $5) FROM back`,
      [id, holder, afterMs, database.channel, wakeNews],
    )
    // The same subject waits already.
    if (count === 0) await finish(id)
  }

  const hold = (ids: readonly string[]): Promise<unknown> =>
    database.query(
      `UPDATE ${table} SET held_until = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE holder = $1 AND id = ANY ($2::bigint[])`,
      [holder, ids, holdMs],
    )

  const serve = (work: (subject: string) => Promise<void>): WakeServer => {
    const inHand = new Map<string, Promise<void>>()
    let isStopping = false
    let isTaking = false
    let again = false

    const settle = async ({ id, subject, tries }: Taken): Promise<void> => {
      try {
        await work(subject)
      } catch (error) {
        log.write('error', 'work-failed', { subject, tries, error: String(error) })
        if (tries < TRIES_MAX)
          return giveBack(id, Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS))
        log.write('error', 'wake-given-up', { subject, tries })
      }
      // A worker that left because this replica stops may have left something to do.
      await (isStopping ? giveBack(id, 0) : finish(id))
    }

    const handle = (taken: Taken): void => {
      const handled = settle(taken)
        // Not deleted: it comes again when the hold runs out.
        .catch(error => log.write('warn', 'wake-not-settled', { error: String(error) }))
        .finally(() => {
          inHand.delete(taken.id)
          look()
        })
      inHand.set(taken.id, handled)
    }

    const takeAll = async (): Promise<void> => {
      while (!isStopping && inHand.size < IN_HAND_MAX) {
        const taken = await takeOne()
        if (taken === undefined) return
        handle(taken)
      }
    }

    const look = (): void => {
      again = true
      if (isTaking) return
      isTaking = true
      const looking = async (): Promise<void> => {
        while (again && !isStopping) {
          again = false
          await takeAll()
        }
      }
      looking()
        .catch(error => log.write('warn', 'wakes-not-read', { error: String(error) }))
        .finally(() => {
          isTaking = false
          // News that came after the last look and before this line.
          if (again && !isStopping) look()
        })
    }

    database.onNews(({ kind }) => {
      if (kind !== 'mail') look()
    })
    const looking = setInterval(look, lookMs)
    const holding = setInterval(() => {
      if (inHand.size === 0) return
      hold([...inHand.keys()]).catch(error => log.write('warn', 'wakes-not-held', { error: String(error) }))
    }, holdMs / 3)
    look()
    return {
      stop: () => {
        isStopping = true
        clearInterval(looking)
      },
      stopped: async () => {
        while (inHand.size > 0 || isTaking) await Promise.all([...inHand.values(), systemClock.sleep(5)])
        clearInterval(holding)
      },
    }
  }

  return Object.freeze({ wake, serve })
}
