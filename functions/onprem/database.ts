/** Where an on-prem party keeps its records: SQLite files of this process alone, or a PostgreSQL that replicas share. */
import { mkdirSync } from 'node:fs'
import type { Log } from '../../shared/port/log.ts'
import type { Mailbox } from '../../shared/port/mailbox.ts'
import type { Store } from '../../shared/port/store.ts'
import { type PartyConfig, passwordFor, trustFor } from './config.ts'
import { openPostgres } from './postgres/database.ts'
import { postgresMailbox } from './postgres/mailbox.ts'
import { postgresStore } from './postgres/store.ts'
import { postgresWaker, type WakeTable } from './postgres/waker.ts'
import { openDatabases } from './sqlite/database.ts'
import { sqliteMailbox } from './sqlite/mailbox.ts'
import { sqliteStore } from './sqlite/store.ts'

export interface PartyDatabase {
  readonly durable: Store
  readonly volatile: Store
  readonly mailbox: Mailbox
  /** Wakes that any replica may take. undefined: there is one process, and it wakes itself. */
  readonly wakes: WakeTable | undefined
  /** Whether it answers now. */
  answers(): Promise<boolean>
  close(): Promise<void>
}

export const openDatabase = (
  config: PartyConfig,
  environment: NodeJS.ProcessEnv,
  log: Log,
): Promise<PartyDatabase> =>
  config.database.kind === 'sqlite'
    ? onSqlite(config.database)
    : onPostgres(config.party, config.database, environment, log)

type DatabaseConfig<K extends PartyConfig['database']['kind']> = Extract<PartyConfig['database'], { kind: K }>

const onSqlite = async ({ dataDir }: DatabaseConfig<'sqlite'>): Promise<PartyDatabase> => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const files = openDatabases(dataDir)
  return {
    durable: sqliteStore(files.durable),
    volatile: sqliteStore(files.volatile, { secrets: 'run-key/' }),
    mailbox: sqliteMailbox(files.mail),
    wakes: undefined,
    answers: async () => files.answer(),
    close: async () => files.close(),
  }
}

const onPostgres = async (
  party: number,
  config: DatabaseConfig<'postgres'>,
  environment: NodeJS.ProcessEnv,
  log: Log,
): Promise<PartyDatabase> => {
  const { url, schema } = config
  const password = passwordFor(config, environment)
  const database = await openPostgres({ party, url, password, schema, ssl: trustFor(config), log })
  return {
    durable: postgresStore(database, 'durable'),
    volatile: postgresStore(database, 'volatile'),
    mailbox: postgresMailbox(database),
    wakes: postgresWaker(database, { log }),
    answers: database.answers,
    close: database.close,
  }
}
