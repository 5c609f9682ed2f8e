/**
 * Witnessing: when another party signs how far its log goes, this party reads the entries since the last head that it
 * witnessed, checks that they lead from one to the other, and signs the same statement. A log that is rewritten later
 * contradicts what two other organisations hold.
 */
import { witnessHead } from '../audit/head.ts'
import { EMPTY_LOG, type LogEntry, type LogState } from '../audit/log.ts'
import { Abort } from '../base/errors.ts'
import { signToken } from '../crypto/jws.ts'
import type { AnyOpenedDocument, OpenedDocument, SignedDocument } from '../governance/sign.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import { getJson, putJson } from './blob.ts'
import { manifestOf, nowS, type Self } from './self.ts'

const TOKEN_S = 30
const READ_MS = 10_000

const keyOf = (party: PartyIndex): string => `witness/party-${party}`

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
    entries.push(...page)
  }
  return entries
}

/** Keeps the head: with this party's signature when the log holds together, else without, and logs why. */
export const witness = async (
  self: Self,
  opened: OpenedDocument<'log-head'>,
  signed: SignedDocument,
): Promise<void> => {
  const { durable, keyring } = self.world
  const { party, entries, head } = opened.document
  const record = await durable.get(keyOf(party))
  const last: LogState = record === null ? EMPTY_LOG : getJson<LogState>(record.value)
  const kept = opened as unknown as AnyOpenedDocument
  try {
    const witnessed = witnessHead({
      signed,
      federation: manifestOf(self).opened.document,
      last,
      entries: await entriesOf(self, party, last.entries, entries),
      signer: keyring.signer,
    })
    await self.documents.keep(kept, witnessed)
    const state = putJson({ entries, head } satisfies LogState)
    if (record === null) await durable.putIfAbsent(keyOf(party), state)
    else await durable.compareAndSet(keyOf(party), record.version, state)
    await self.journal.append('head-witnessed', opened.digest, { party, entries })
  } catch (error) {
    await self.documents.keep(kept, signed)
    const isDisputed = error instanceof Abort
    await self.journal.append(isDisputed ? 'head-disputed' : 'head-not-witnessed', opened.digest, {
      party,
      entries,
      check: isDisputed ? error.check : undefined,
      where: isDisputed ? error.where : undefined,
    })
    if (!isDisputed) throw error
  }
}
