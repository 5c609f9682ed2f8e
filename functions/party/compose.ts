/** A party from its parts: the same code wherever it runs; only stores, mailbox, secrets and the way to peers differ. */
import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import { toBase64url } from '../../shared/base/bytes.ts'
import { createNativeSha256 } from '../../shared/crypto/native-hash.ts'
import type { PartySecrets } from '../../shared/party/key-file.ts'
import { createParty, type Party } from '../../shared/party/party.ts'
import { DEFAULT_DEADLINES, type Deadlines } from '../../shared/party/world.ts'
import type { Clock } from '../../shared/port/clock.ts'
import type { Log } from '../../shared/port/log.ts'
import type { Mailbox } from '../../shared/port/mailbox.ts'
import type { Place } from '../../shared/port/place.ts'
import type { Store } from '../../shared/port/store.ts'
import { silentTelemetry, type Telemetry } from '../../shared/port/telemetry.ts'
import type { Waker } from '../../shared/port/waker.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'
import { createApp } from './app.ts'
import { httpPeer, type Send } from './http-peer.ts'
import { createKeyring } from './keyring.ts'
import { loadKernel } from './load-kernel.ts'
import type { Limits } from './rate-limit.ts'
import { RELEASE } from './release.ts'
import { systemClock } from './system-clock.ts'
import { measuredMailbox, measuredPeer, measuredStore, measuredWaker } from './telemetry/measured.ts'

export interface PartyParts {
  readonly party: PartyIndex
  readonly secrets: PartySecrets
  readonly place: Place
  readonly durable: Store
  readonly volatile: Store
  readonly mailbox: Mailbox
  /** Left out: workers run in this process. */
  readonly waker?: Waker
  readonly log: Log
  /** Left out: nothing is measured. */
  readonly telemetry?: Telemetry
  readonly send: Send
  readonly clock?: Clock
  readonly deadlines?: Partial<Deadlines>
  /** What a front takes in a minute. */
  readonly limits?: Partial<Limits>
}

export interface ComposedParty {
  readonly party: Party
  readonly app: Hono
}

const measured = ({ durable, volatile, mailbox }: PartyParts, telemetry: Telemetry) => ({
  durable: measuredStore(durable, 'durable', telemetry),
  volatile: measuredStore(volatile, 'volatile', telemetry),
  mailbox: measuredMailbox(mailbox, telemetry),
})

export const composeParty = async (parts: PartyParts): Promise<ComposedParty> => {
  const { log, send, telemetry, clock = systemClock } = parts
  const { durable, volatile, mailbox } = telemetry === undefined ? parts : measured(parts, telemetry)
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
  const inProcess: Waker = {
    wake: async subject => {
      party.work(subject).catch(error => log.write('error', 'work-failed', { subject, error: String(error) }))
    },
  }
  const waker = parts.waker ?? inProcess
  const party: Party = await createParty({
    party: parts.party,
    release: RELEASE,
    newHandle: () => toBase64url(random(12)),
    durable,
    volatile,
    mailbox,
    waker: telemetry === undefined ? waker : measuredWaker(waker, telemetry),
    log,
    telemetry: telemetry ?? silentTelemetry,
    clock,
    place: parts.place,
    keyring: await createKeyring(parts.secrets, volatile, random),
    peerAt: endpoints => {
      if (telemetry === undefined) return httpPeer(endpoints, clock, send)
      const onRetry = (path: string): void => telemetry.count('trias.peer.retries', 1, { path })
      return measuredPeer(httpPeer(endpoints, clock, send, onRetry), telemetry)
    },
    kernel: loadKernel(),
    crypto: { ...nativeFrameCrypto, keystream: nativeKeystream, createHash: createNativeSha256 },
    afterMicrotasks: run => void setImmediate(run),
    deadlines: { ...DEFAULT_DEADLINES, ...parts.deadlines },
  })
  return { party, app: createApp(party, parts.limits) }
}
