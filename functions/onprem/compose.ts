/** An on-prem party: an HTTP server, two database files, a clock. */
import { mkdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { InputError } from '../../shared/base/errors.ts'
import type { Log } from '../../shared/port/log.ts'
import { composeParty } from '../party/compose.ts'
import { systemClock } from '../party/system-clock.ts'
import type { PartyConfig } from './config.ts'
import { openDatabases } from './database.ts'
import { openKeyFile } from './key-file.ts'
import { sqliteMailbox } from './mailbox.ts'
import { sqliteStore } from './store.ts'

export interface StartedParty {
  readonly url: string
  /** Takes no new requests, finishes what is under way, closes the databases. */
  close(): Promise<void>
}

const TICK_MS = 1000
/** A peer that hangs must not keep this party from stopping; what is stored is whole at any time. */
const STOP_MS = 4000

export const startParty = async (
  config: PartyConfig,
  passphrase: string,
  log: Log,
): Promise<StartedParty> => {
  const secrets = openKeyFile(config.keyFile, passphrase)
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const databases = openDatabases(config.dataDir)
  const { party, app } = await composeParty({
    party: config.party,
    secrets,
    durable: sqliteStore(databases.durable),
    volatile: sqliteStore(databases.volatile, { secrets: 'run-key/' }),
    mailbox: sqliteMailbox(databases.mail),
    log,
    send: fetch,
    ...(config.deadlines === undefined ? {} : { deadlines: definedOnly(config.deadlines) }),
  })
  if (config.federationFile !== undefined)
    await party.postDocument(JSON.parse(readFileSync(config.federationFile, 'utf8')))

  const { host, port } = config.listen
  const listening = Promise.withResolvers<AddressInfo>()
  const server = serve({ fetch: app.fetch, hostname: host, port }, listening.resolve)
  server.once('error', cause =>
    listening.reject(
      new InputError(`cannot listen on ${host}, port ${port}`, {
        cause,
        hint: 'choose another port, or 0 for a free one',
      }),
    ),
  )
  const address = await listening.promise
  const tick = (): void =>
    void party.tick().catch(error => log.write('error', 'tick-failed', { error: String(error) }))
  const ticking = setInterval(tick, TICK_MS)
  // What was interrupted goes on at once: the two others wait.
  tick()
  const hostInUrl = host.includes(':') ? `[${host}]` : host
  log.write('info', 'listening', { host, port: address.port })

  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    clearInterval(ticking)
    const stopped = new Promise<void>(resolve => server.close(() => resolve()))
    const inTime = await Promise.race([
      party.close().then(() => true),
      systemClock.sleep(STOP_MS).then(() => false),
    ])
    if (!inTime) log.write('warn', 'stopped-while-busy')
    if ('closeAllConnections' in server) server.closeAllConnections()
    await stopped
    databases.close()
    log.write('info', 'stopped')
  }
  return {
    url: `http://${hostInUrl}:${address.port}`,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

/** Without the members that are there and undefined. */
const definedOnly = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
