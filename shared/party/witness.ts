/**
 * Witnessing: when another party signs how far its log goes, this party reads the entries since the last head that it
 * witnessed, checks that they lead from one to the other, and signs the same statement. A log that is rewritten later
 * contradicts what two other organisations hold. Heads wait in the store until a worker has done that:
 *
 *   to-witness/<party>-<digest>   the signed head, and since when it waits
 *   witness/party-<party>         the latest head of that party that this one has witnessed
 */
import { witnessHead } from '../audit/head.ts'
import { EMPTY_LOG, type LogEntry, type LogState } from '../audit/log.ts'
import { Abort, Refusal, Unavailable } from '../base/errors.ts'
import { signToken } from '../crypto/jws.ts'
import {
  type AnyOpenedDocument,
  type OpenedDocument,
  openDocumentOf,
  type SignedDocument,
} from '../governance/sign.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import { getBlob, getJson, putBlob, putJson } from './blob.ts'
import { manifestOf, nowS, type Self } from './self.ts'

const TOKEN_S = 30
const READ_MS = 10_000
/** Heads of one party that may wait; each covers those before it, so nothing is lost with a refused one. */
const WAITING_MAX = 32
/** A log grows by some tens of entries a run; nobody reads more than this in one go because a peer says so. */
const ENTRIES_MAX = 100_000

const PREFIX = 'to-witness/'
const keyOf = (party: PartyIndex): string => `witness/party-${party}`

interface WaitingHead {
  readonly signed: SignedDocument
  readonly sinceMs: number
}

/** Throws Refusal('head-too-many') when this party has not come to witness the earlier ones yet. */
export const waitForWitness = async (
  self: Self,
  { digest, document }: OpenedDocument<'log-head'>,
  signed: SignedDocument,
): Promise<void> => {
  const { volatile, clock } = self.world
  const waiting = await volatile.list(`${PREFIX}${document.party}-`)
  if (waiting.length >= WAITING_MAX)
    throw new Refusal('head-too-many', `${WAITING_MAX} heads of party ${document.party} wait already`, {
      hint: 'send the latest one again later',
    })
  const head = putJson({ signed, sinceMs: clock.nowMs() } satisfies WaitingHead)
  await putBlob(volatile, `${PREFIX}${document.party}-${digest}`, head)
}

export const headsToWitness = async (self: Self): Promise<number> =>
  (await self.world.volatile.list(PREFIX)).filter(key => !/\/.*\//.test(key)).length

/** Entries `from` + 1 to `to` of another party's log, as it shows them now; fewer when it shows fewer. */
const entriesOf = async (self: Self, party: PartyIndex, from: number, to: number): Promise<LogEntry[]> => {
  const { peer, digest } = manifestOf(self)
  const { signer } = self.world.keyring
  const entries: LogEntry[] = []
  while (from + entries.length < to) {
    const iat = nowS(self)
    const claims = { sub: signer.kid, aud: `party-${party}`, iat, exp: iat + TOKEN_S, federation: digest }
    const after = from + entries.length
    const body = await peer.read(party, `/v1/log?after=${after}&limit=${to - after}`, {
      bearer: signToken(claims, signer.secretKey),
      deadlineMs: READ_MS,
    })
    const page = getJson<{ entries?: LogEntry[] }>(body).entries
    if (!Array.isArray(page) || page.length === 0) break
    entries.push(...page.slice(0, to - after))
  }
  return entries
}

/** Keeps the head with this party's signature when the log holds together. Throws Abort when it does not. */
const witness = async (
  self: Self,
  opened: OpenedDocument<'log-head'>,
  signed: SignedDocument,
): Promise<void> => {
  const { durable, keyring } = self.world
  const { party, entries, head } = opened.document
  const record = await durable.get(keyOf(party))
  const last: LogState = record === null ? EMPTY_LOG : getJson<LogState>(record.value)
  const [from, to] = entries < last.entries ? [entries, last.entries] : [last.entries, entries]
  if (to - from > ENTRIES_MAX)
    throw new Abort('log-unbelievable', `the log of party ${party} cannot have grown so much`, {
      where: `entry ${to}`,
    })
  const witnessed = witnessHead({
    signed,
    federation: manifestOf(self).opened.document,
    last,
    entries: await entriesOf(self, party, from, to),
    signer: keyring.signer,
  })
  await self.documents.keep(opened as unknown as AnyOpenedDocument, witnessed)
  if (entries > last.entries) {
    const state = putJson({ entries, head } satisfies LogState)
    if (record === null) await durable.putIfAbsent(keyOf(party), state)
    else await durable.compareAndSet(keyOf(party), record.version, state)
  }
  await self.journal.append('head-witnessed', opened.digest, { party, entries })
}

/** Witnesses one waiting head; false: the other party does not answer, try again later. */
const witnessWaiting = async (self: Self, { signed, sinceMs }: WaitingHead): Promise<boolean> => {
  const opened = openDocumentOf('log-head', signed, manifestOf(self).everKeyOf)
  const { party, entries } = opened.document
  try {
    await witness(self, opened, signed)
  } catch (error) {
    const isDisputed = error instanceof Abort
    if (!isDisputed && !(error instanceof Unavailable) && !(error instanceof Refusal)) throw error
    if (!isDisputed && self.world.clock.nowMs() - sinceMs < self.world.deadlines.postMs) return false
    await self.documents.keep(opened as unknown as AnyOpenedDocument, signed)
    await self.journal.append(isDisputed ? 'head-disputed' : 'head-not-witnessed', opened.digest, {
      party,
      entries,
      check: isDisputed ? error.check : undefined,
      where: isDisputed ? error.where : undefined,
    })
  }
  return true
}

/** Witnesses what waits, one head after the other. */
export const witnessAll = async (self: Self): Promise<void> => {
  const { volatile } = self.world
  for (const key of await volatile.list(PREFIX)) {
    const body = await getBlob(volatile, key)
    if (body === null) continue
    if (await witnessWaiting(self, getJson<WaitingHead>(body))) await volatile.delete(key)
  }
}
