/**
 * Signed heads: a party signs how far its log goes, and the two others sign the same statement as witnesses at the end
 * of each run. A log that is rewritten afterwards contradicts what two other organisations hold.
 */
import { Abort, Refusal } from '../base/errors.ts'
import type { Signer } from '../crypto/jws.ts'
import type { Federation } from '../governance/document/federation.ts'
import type { LogHead } from '../governance/document/log-head.ts'
import { keyIdOfText, signingKeysOf, whoIs } from '../governance/roles.ts'
import {
  coSignDocument,
  digestOfDocument,
  openDocumentOf,
  type SignedDocument,
  signDocument,
} from '../governance/sign.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import { EMPTY_LOG, type LogEntry, type LogState, verifyLog } from './log.ts'

export const signHead = (
  party: PartyIndex,
  federation: Federation,
  { entries, head }: LogState,
  signer: Signer,
): SignedDocument =>
  signDocument({ kind: 'log-head', federation: digestOfDocument(federation), party, entries, head }, signer)

export interface VerifiedHead {
  readonly head: LogHead
  /** Other parties that signed it, by index. */
  readonly witnesses: readonly PartyIndex[]
}

/**
 * Throws `Refusal`: `head-other-federation`, or `head-foreign` when its own party did not sign, or somebody did who is
 * no party.
 */
export const verifyHead = (signed: unknown, federation: Federation): VerifiedHead => {
  const { document: head, signers } = openDocumentOf('log-head', signed, signingKeysOf(federation))
  if (head.federation !== digestOfDocument(federation))
    throw new Refusal('head-other-federation', `the head of party ${head.party} is of another federation`, {
      hint: 'verify a log with the manifest of its own federation',
    })
  if (!signers.includes(keyIdOfText(federation.parties[head.party].signingKey)))
    throw new Refusal('head-foreign', `the head of party ${head.party} lacks its own signature`, {
      hint: `party ${head.party} signs its head first`,
    })
  const parties = signers.map(kid => {
    const identity = whoIs(federation, kid)
    if (identity?.as !== 'party')
      throw new Refusal('head-foreign', `${identity?.name ?? kid} is no party and cannot witness a head`, {
        hint: 'only parties sign heads',
      })
    return identity.party.index
  })
  return { head, witnesses: parties.filter(index => index !== head.party).sort() }
}

/**
 * Signs another party's head after checking that it continues the last one witnessed, or lies on the way to it: `entries`
 * are those in between.
 * Throws `Abort('log-broken')` when they do not lead from one to the other, or `Abort('log-shortened')` when the log
 * became shorter; both are reasons to keep the two heads as evidence.
 */
export const witnessHead = (input: {
  readonly signed: SignedDocument
  readonly federation: Federation
  readonly last?: LogState
  readonly entries: readonly LogEntry[]
  readonly signer: Signer
}): SignedDocument => {
  const { signed, federation, last = EMPTY_LOG, entries, signer } = input
  const { head } = verifyHead(signed, federation)
  if (head.entries >= last.entries) verifyLog(entries, head, last)
  else
    try {
      // An earlier head that came late: it must lie on the way to the last one.
      verifyLog(entries, last, head)
    } catch (cause) {
      throw new Abort('log-shortened', `the log of party ${head.party} lost entries that were witnessed`, {
        where: `entry ${head.entries + 1}`,
        cause,
      })
    }
  return coSignDocument(signed, signer)
}

/** Whether the log passes through a head signed earlier. Throws `Abort('log-broken')` when it does not. */
export const verifyLogAgainstHeads = (entries: readonly LogEntry[], heads: readonly LogState[]): LogState => {
  const state = verifyLog(entries)
  for (const head of heads) verifyLog(entries.slice(0, head.entries), head)
  return state
}
