/**
 * Three parties in one process, for tests and for trying things out: memory adapters, real fronts, no sockets. The
 * parties reach each other only through each other's `app.fetch`, and a test can be the network between them.
 */
import { randomBytes } from 'node:crypto'
import { toBase64url } from '../../shared/base/bytes.ts'
import type { PartySecrets } from '../../shared/party/key-file.ts'
import type { Party } from '../../shared/party/party.ts'
import type { Deadlines } from '../../shared/party/world.ts'
import type { Clock } from '../../shared/port/clock.ts'
import type { Log } from '../../shared/port/log.ts'
import type { Mailbox } from '../../shared/port/mailbox.ts'
import type { Place } from '../../shared/port/place.ts'
import type { Store } from '../../shared/port/store.ts'
import type { Telemetry } from '../../shared/port/telemetry.ts'
import type { Waker } from '../../shared/port/waker.ts'
import { PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { type ComposedParty, composeParty } from '../party/compose.ts'
import type { Limits } from '../party/rate-limit.ts'
import { statedPlace } from '../party/stated-place.ts'
import { memoryMailbox } from './mailbox.ts'
import { memoryStore } from './store.ts'

/** One request on its way from a party to another. */
export interface Passing {
  readonly from: PartyIndex
  readonly to: PartyIndex
  readonly path: string
  readonly body: Uint8Array
}

/** What stands between two parties: calls `deliver` once, several times, later, with other bytes, or never. */
type Network = (passing: Passing, deliver: (body: Uint8Array) => Promise<Response>) => Promise<Response>

export interface ThreePartiesOptions {
  readonly deadlines?: Partial<Deadlines>
  readonly clock?: Clock | ((party: PartyIndex) => Clock)
  readonly network?: Network
  readonly log?: (party: PartyIndex) => Log
  readonly telemetry?: (party: PartyIndex) => Telemetry
  readonly limits?: Partial<Limits>
  readonly tickMs?: number
  /** Where a party is; left out, on this machine, in the words of the tests' manifests. */
  readonly place?: (party: PartyIndex) => Place
  /** How long a worker may take, as a function's time limit. */
  readonly workMs?: number
  /** What a party gets in place of the waker of its process. */
  readonly waker?: (party: PartyIndex, real: Waker) => Waker
  /** What a party gets in place of its databases, each time it starts; a test can make it die at any write. */
  readonly databases?: (party: PartyIndex, real: LocalDatabases) => LocalDatabases
}

/** What survives a party's process. */
export interface LocalDatabases {
  readonly durable: Store
  readonly volatile: Store
  readonly mailbox: Mailbox
}

interface LocalParty {
  readonly index: PartyIndex
  readonly endpoint: string
  readonly secrets: PartySecrets
  /** For the federation manifest. */
  readonly signingKey: string
  readonly sealingKey: string
  readonly party: Party
  readonly stores: LocalDatabases
}

export interface ThreeParties {
  readonly parties: readonly [LocalParty, LocalParty, LocalParty]
  /** In place of the global `fetch`: reaches the three endpoints and nothing else. */
  readonly fetch: typeof fetch
  /** A new party over the same databases, in place of one that is gone; with other keys when they are given. */
  restart(party: PartyIndex, secrets?: PartySecrets): Promise<void>
  idle(): Promise<void>
  close(): Promise<void>
}

const silent: Log = Object.freeze({ write: () => {} })
const endpointOf = (party: PartyIndex): string => `http://party-${party}.invalid`

export const startThreeParties = async (options: ThreePartiesOptions = {}): Promise<ThreeParties> => {
  const fronts: ((request: Request) => Response | Promise<Response>)[] = []
  const frontOf = (url: string): ((request: Request) => Response | Promise<Response>) => {
    const to = PARTIES.find(party => url.startsWith(`${endpointOf(party)}/`))
    const front = to === undefined ? undefined : fronts[to]
    if (front === undefined) throw new TypeError(`nobody answers at ${url}`)
    return front
  }
  const { network = (passing, deliver) => deliver(passing.body) } = options
  const { databases = (_, real) => real } = options

  const start = async (
    index: PartyIndex,
    before?: Pick<LocalParty, 'secrets' | 'stores'>,
  ): Promise<LocalParty> => {
    const secrets = before?.secrets ?? {
      signingSeed: new Uint8Array(randomBytes(32)),
      sealingSeed: new Uint8Array(randomBytes(32)),
    }
    const stores = before?.stores ?? {
      durable: memoryStore(),
      volatile: memoryStore(),
      mailbox: memoryMailbox(),
    }
    const worker: Waker = {
      wake: async subject => {
        const { workMs } = options
        party
          .work(subject, workMs === undefined ? {} : { untilMs: party.world.clock.nowMs() + workMs })
          .catch(error => log.write('warn', 'work-failed', { subject, error: String(error) }))
      },
    }
    const log = options.log?.(index) ?? silent
    const { party, app }: ComposedParty = await composeParty({
      party: index,
      secrets,
      place: options.place?.(index) ?? statedPlace('this machine'),
      ...databases(index, stores),
      log,
      waker: options.waker?.(index, worker) ?? worker,
      send: async (url, init) => {
        const to = PARTIES.find(other => url.startsWith(endpointOf(other))) as PartyIndex
        const passing = { from: index, to, path: new URL(url).pathname, body: init.body as Uint8Array }
        return network(passing, async body =>
          frontOf(url)(new Request(url, { ...init, body: body as Uint8Array<ArrayBuffer> })),
        )
      },
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.telemetry === undefined ? {} : { telemetry: options.telemetry(index) }),
      ...(options.clock === undefined
        ? {}
        : { clock: typeof options.clock === 'function' ? options.clock(index) : options.clock }),
      ...(options.deadlines === undefined ? {} : { deadlines: options.deadlines }),
    })
    fronts[index] = app.fetch
    const { keyring } = party.world
    return {
      index,
      endpoint: endpointOf(index),
      secrets,
      signingKey: toBase64url(keyring.signingKey),
      sealingKey: toBase64url(keyring.sealingKey),
      party,
      stores,
    }
  }
  const parties: [LocalParty, LocalParty, LocalParty] = [await start(0), await start(1), await start(2)]
  const ticking = setInterval(() => {
    // A party whose database fails is one that has died; the others go on.
    for (const { party } of parties) party.tick().catch(() => {})
  }, options.tickMs ?? 250)
  ticking.unref()
  return {
    parties,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      return frontOf(request.url)(request)
    },
    restart: async (index, secrets = parties[index].secrets) => {
      parties[index] = await start(index, { stores: parties[index].stores, secrets })
      await parties[index].party.tick()
    },
    idle: async () => {
      for (const { party } of parties) await party.idle()
    },
    close: async () => {
      clearInterval(ticking)
      await Promise.all(parties.map(({ party }) => party.close()))
    },
  }
}
