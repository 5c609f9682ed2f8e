/** An on-prem party: a front, workers and a timer in one process, over one database. */
import { readFileSync } from 'node:fs'
import { InputError } from '../../shared/base/errors.ts'
import { DEFAULT_DEADLINES } from '../../shared/party/world.ts'
import type { Log } from '../../shared/port/log.ts'
import { composeParty } from '../party/compose.ts'
import { statedPlace } from '../party/stated-place.ts'
import { systemClock } from '../party/system-clock.ts'
import { telemetryFrom } from '../party/telemetry/choose.ts'
import { startAdmin } from './admin.ts'
import type { PartyConfig } from './config.ts'
import { openDatabase } from './database.ts'
import { startFront } from './http.ts'
import { openKeyFile } from './keyring.ts'
import { createMetrics } from './metrics.ts'
import { bothTelemetries, metricsTelemetry } from './metrics-telemetry.ts'
import { measureProcess } from './process-metrics.ts'
import { startTimer } from './timer.ts'

export interface StartedParty {
  readonly url: string
  /** Where the operator looks; undefined when the configuration has no `admin`. */
  readonly adminUrl: string | undefined
  /** Takes no new requests, lets workers leave their runs, closes the database. */
  close(): Promise<void>
}

interface Secrets {
  readonly passphrase: string
  /** Holds the password of the database, unless that is in a file. */
  readonly environment: NodeJS.ProcessEnv
}

/** A peer that hangs must not keep this party from stopping; what is stored is whole at any time. */
const STOP_MS = 4000

export const startParty = async (
  config: PartyConfig,
  { passphrase, environment }: Secrets,
  log: Log,
): Promise<StartedParty> => {
  if (config.admin !== undefined && sameAddress(config.admin, config.listen))
    throw new InputError('the admin address is the public one', { hint: 'give `admin` a port of its own' })
  const secrets = openKeyFile(config.keyFile, passphrase)
  const database = await openDatabase(config, environment, log)
  const { durable, volatile, mailbox, wakes } = database
  const metrics = createMetrics()
  measureProcess(metrics, config.party)
  const shown = metricsTelemetry(metrics)
  const collector = await telemetryFrom(environment, config.party)
  const { party, app } = await composeParty({
    party: config.party,
    secrets,
    place: statedPlace(config.region),
    durable,
    volatile,
    mailbox,
    ...(wakes === undefined ? {} : { waker: wakes }),
    log,
    send: fetch,
    telemetry: collector === undefined ? shown : bothTelemetries(collector, shown),
    // Waiting costs nothing here, and a worker that leaves would have to compute its stage again.
    deadlines: { lingerMs: DEFAULT_DEADLINES.runMs, ...config.deadlines },
    ...(config.limits === undefined ? {} : { limits: config.limits }),
  })
  if (config.federationFile !== undefined)
    await party.postDocument(JSON.parse(readFileSync(config.federationFile, 'utf8')))

  let isStopping = false
  const checks = {
    database: database.answers,
    manifest: async () => (await party.manifest()) !== null,
    staying: () => !isStopping,
  }
  const front = await startFront(config.listen, app, metrics)
  const admin = config.admin === undefined ? undefined : await startAdmin(config.admin, { checks, metrics })
  const workers = wakes?.serve(subject => party.work(subject))
  const timer = startTimer(() => party.tick(), log)
  log.write('info', 'listening', { host: config.listen.host, port: front.port })

  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    isStopping = true
    timer.stop()
    workers?.stop()
    const stopped = front.stop()
    const inTime = await Promise.race([
      Promise.all([party.close(), workers?.stopped()])
        .then(() => collector?.flush())
        .then(() => true),
      systemClock.sleep(STOP_MS).then(() => false),
    ])
    if (!inTime) log.write('warn', 'stopped-while-busy')
    front.cut()
    await stopped
    const adminStopped = admin?.stop()
    admin?.cut()
    await adminStopped
    await database.close()
    log.write('info', 'stopped')
  }
  return {
    url: front.url,
    adminUrl: admin?.url,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

const sameAddress = (a: { host: string; port: number }, b: { host: string; port: number }): boolean =>
  a.port !== 0 && a.port === b.port && a.host === b.host
