/**
 * One PostgreSQL for all replicas of a party: a pool that outlives restarts of the server, and one place that decides
 * what is an outage. A statement is repeated for some seconds, so every statement here may be executed twice: records carry
 * a version that its writer made up, so a writer whose answer was lost recognises what it wrote. Then `Unavailable`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { InputError, Unavailable } from '../../../shared/base/errors.ts'
import type { Log } from '../../../shared/port/log.ts'
import { createListener, type News } from './listener.ts'
import { createSchema } from './schema.ts'

export interface PostgresOptions {
  readonly party: number
  /** Without a password. */
  readonly url: string
  readonly password: string | undefined
  readonly schema: string
  /** Off, or verified against the system's authorities or these. */
  readonly ssl: false | { readonly ca?: string }
  readonly log: Log
}

type SqlValue = string | number | null | Uint8Array | readonly string[]
type SqlRow = Readonly<Record<string, unknown>>

interface SqlResult {
  readonly rows: readonly SqlRow[]
  /** How many records the statement has written, or read. */
  readonly count: number
}

export interface PostgresDatabase {
  /** A name in the schema of this party, quoted. */
  table(name: string): string
  /** The channel on which this party's replicas tell each other news. */
  readonly channel: string
  /**
   * One statement in a transaction of its own, repeated over short outages; `attempt` counts from 0, and above 0 an
   * earlier attempt may have been executed. Throws Unavailable.
   */
  query(sql: string, values: readonly SqlValue[]): Promise<SqlResult & { readonly attempt: number }>
  /** Hears of everything that a replica has told, and now and then, after an interruption, that something may be missing. */
  onNews(hear: (news: News) => void): void
  /** Whether a statement comes through at once. */
  answers(): Promise<boolean>
  close(): Promise<void>
}

const POOL_MAX = 10
const CONNECT_MS = 3_000
const STATEMENT_MS = 10_000
/** About three seconds in all: a server that restarts is back by then, and no caller has given up. */
const PAUSES_MS = [20, 50, 100, 200, 400, 800, 1_500]
/** What took so long already, because nothing answered at all, is not begun again. */
const REPEAT_MS = 5_000

/** What failed for an outage is done again, after growing pauses. Throws what the last attempt threw. */
const repeated = async <T>(work: (attempt: number) => Promise<T>): Promise<T> => {
  const startMs = performance.now()
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      const pauseMs = PAUSES_MS[attempt]
      if (!isOutage(error) || pauseMs === undefined || performance.now() - startMs > REPEAT_MS) throw error
      // Keeps the process alive: before it listens, nothing else does.
      await sleep(pauseMs * (0.75 + Math.random() / 2))
    }
  }
}

/** The two sides do not agree on passwords or TLS. */
const isMisfit = (error: Error): boolean => /^SASL|does not support SSL/.test(error.message)

/**
 * Connection trouble (no SQLSTATE at all, class 08), rollbacks that ask for another try (40), no resources (53), a lock
 * or the server not available now (55P03, 57), a system error (58), and a server that has become a standby (25006).
 */
const isOutage = (error: unknown): boolean => {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false
  if (error instanceof InputError || isMisfit(error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (!/^[0-9A-Z]{5}$/.test(code)) return true
  return /^(08|40|53|57|58|55P03|25006)/.test(code)
}

/** What a person has to put right before the party can start, or an outage with its reason. */
const asStartFailure = (error: unknown, where: string): unknown => {
  if (!(error instanceof Error) || error instanceof InputError) return error
  const known: Record<string, string> = {
    '28P01': 'the database refuses the user or its password',
    '28000': 'the database refuses the user',
    '3D000': 'there is no such database',
    '42501':
      'the user of the database may not do this; it needs a schema of its own, or the right to create it',
  }
  const message = 'code' in error ? known[String(error.code)] : undefined
  if (message !== undefined) return new InputError(message, { where, cause: error })
  if (isMisfit(error))
    return new InputError(`cannot use the database: ${error.message}`, {
      where,
      hint: 'check passwordFile or TRIAS_DATABASE_PASSWORD, and `ssl`',
      cause: error,
    })
  return isOutage(error)
    ? new Unavailable(`cannot reach the database at ${where}: ${error.message}`, { cause: error })
    : error
}

/** Bytes as plain arrays: a Buffer shares memory with others, and its slices do too. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    const parse = pg.types.getTypeParser(oid, format)
    if (oid !== pg.types.builtins.BYTEA) return parse
    return (text: string) => new Uint8Array(parse(text) as Buffer)
  },
}

/** Given one by one, because the driver takes an absent password in a URL for an empty one. */
const placeOf = (text: string) => {
  const url = new URL(text)
  const user = decodeURIComponent(url.username)
  return {
    host: decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '') || 'localhost',
    port: url.port === '' ? 5432 : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    ...(user === '' ? {} : { user }),
  }
}

/** Throws InputError when the configuration cannot work, Unavailable when the server does not answer. */
export const openPostgres = async (options: PostgresOptions): Promise<PostgresDatabase> => {
  const { schema, log } = options
  const where = new URL(options.url).host
  const connection = {
    ...placeOf(options.url),
    ...(options.password === undefined ? {} : { password: options.password }),
    ssl: options.ssl === false ? false : { ...options.ssl, rejectUnauthorized: true },
    application_name: `trias party ${options.party}`,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + 1_000,
  }
  const pool = new pg.Pool({ ...connection, types, max: POOL_MAX })
  // An idle connection that breaks is replaced at the next statement.
  pool.on('error', () => {})

  const query: PostgresDatabase['query'] = async (sql, values) => {
    try {
      return await repeated(async attempt => {
        const { rows, rowCount } = await pool.query(sql, [...values])
        return { rows, count: rowCount ?? 0, attempt }
      })
    } catch (error) {
      throw isOutage(error) ? new Unavailable('the database does not answer', { cause: error }) : error
    }
  }

  try {
    await repeated(() => createSchema(pool, schema, options.party))
  } catch (error) {
    await pool.end()
    throw asStartFailure(error, where)
  }

  const channel = `${schema}.news`
  const hearers: ((news: News) => void)[] = []
  const listener = createListener(
    () => new pg.Client(connection),
    channel,
    log,
    news => {
      for (const hear of hearers) hear(news)
    },
  )
  return Object.freeze({
    table: (name: string) => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`,
    channel,
    query,
    onNews: (hear: (news: News) => void) => void hearers.push(hear),
    answers: () =>
      pool.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    close: async () => {
      await listener.close()
      await pool.end()
    },
  })
}
