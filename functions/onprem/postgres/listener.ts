/**
 * One connection that hears what replicas of this party tell each other (LISTEN), opened again whenever it breaks. A
 * notification is a hint: the tables hold the truth, and whoever waits looks there now and then anyway.
 */
import type pg from 'pg'
import type { Log } from '../../../shared/port/log.ts'
import { systemClock } from '../../party/system-clock.ts'

export type News =
  | { readonly kind: 'mail'; readonly run: string; readonly id: string }
  | { readonly kind: 'wake' }
  /** The connection was interrupted, so news may be missing. */
  | { readonly kind: 'gap' }

export const mailNews = (run: string, id: string): string => JSON.stringify(['mail', run, id])
export const wakeNews = JSON.stringify(['wake'])

const readNews = (payload: string): News | undefined => {
  const [kind, run, id] = JSON.parse(payload) as readonly string[]
  if (kind === 'wake') return { kind }
  return kind === 'mail' && run !== undefined && id !== undefined ? { kind, run, id } : undefined
}

/** A connection that is cut without a word looks like one on which nothing happens. */
const PROVE_MS = 15_000
const END_MS = 1_000
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2_000

export interface Listener {
  close(): Promise<void>
}

export const createListener = (
  newClient: () => pg.Client,
  channel: string,
  log: Log,
  hear: (news: News) => void,
): Listener => {
  let closing = false
  let current: pg.Client | undefined

  /** Resolves when the connection is over, however that came. */
  const listenOnce = async (whenListening: () => void): Promise<void> => {
    const client = newClient()
    const over = Promise.withResolvers<void>()
    client.once('end', over.resolve)
    client.on('error', () => over.resolve())
    const proving = setInterval(() => client.query('SELECT 1').catch(() => over.resolve()), PROVE_MS)
    try {
      await client.connect()
      client.on('notification', ({ payload = '' }) => {
        const news = readNews(payload)
        if (news !== undefined) hear(news)
      })
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
      if (closing) return
      current = client
      whenListening()
      hear({ kind: 'gap' })
      await over.promise
    } finally {
      current = undefined
      clearInterval(proving)
      await Promise.race([client.end().catch(() => {}), systemClock.sleep(END_MS)])
    }
  }

  const listen = async (): Promise<void> => {
    let pauseMs = FIRST_PAUSE_MS
    while (!closing) {
      await listenOnce(() => {
        pauseMs = FIRST_PAUSE_MS
      }).catch(error => log.write('warn', 'database-listen-failed', { error: String(error) }))
      if (closing) return
      await systemClock.sleep(pauseMs)
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    }
  }
  const done = listen()
  return {
    close: async () => {
      closing = true
      await current?.end().catch(() => {})
      await done
    },
  }
}
