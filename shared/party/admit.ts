/**
 * The way in for documents. Each party verifies everything by itself: signature before content, then whether the signer
 * had the right to say it, then everything that this party can check now. What is refused leaves a log entry and changes
 * nothing; what is taken twice changes nothing either.
 */
import { InputError, Refusal, Unavailable } from '../base/errors.ts'
import { checkApproval } from '../governance/check/approval.ts'
import { checkDatasetVersion } from '../governance/check/dataset-version.ts'
import { checkOffer, checkOffersAgree } from '../governance/check/offer.ts'
import { checkRefusal } from '../governance/check/refusal.ts'
import { checkRequest } from '../governance/check/request.ts'
import { requireMemberSigned, requirePartySigned } from '../governance/check/signer.ts'
import {
  type AnyOpenedDocument,
  type OpenedDocument,
  openDocument,
  openFederation,
  type SignedDocument,
  withSignaturesOf,
} from '../governance/sign.ts'
import { CHORES } from '../port/waker.ts'
import { requireBudget } from './budget.ts'
import { missingChunks } from './chunks.ts'
import { compiledOf, compileRequest } from './compile-request.ts'
import { forgetEarly, noteEarly } from './early.ts'
import { openSuccessor, pinManifest, pinSuccessor } from './manifest.ts'
import { readMode, requireTakesNew } from './mode.ts'
import { unpostedCount } from './outbox.ts'
import { readRequestFile, versionsOf } from './request-file.ts'
import { manifestOf, nowS, type Self } from './self.ts'
import { hasEnded } from './status.ts'
import { headsToWitness, waitForWitness } from './witness.ts'

export interface Admitted {
  readonly kind: string
  readonly digest: string
}

/** Whether it is a manifest, good or bad; a bad one is refused as such, not as an unknown document. */
const claimsToBeFederation = (signed: unknown): boolean => {
  try {
    openFederation(signed)
    return true
  } catch (error) {
    return !(error instanceof Refusal && error.rule === 'document-other-kind')
  }
}

/** Nothing may be under way that was said under the manifest in force. Throws Refusal('federation-not-drained'). */
const requireDrained = async (self: Self): Promise<void> => {
  const { mode } = await readMode(self.world.durable)
  const left = (await self.jobs.open()).length + (await unpostedCount(self)) + (await headsToWitness(self))
  if (mode !== 'draining' || left > 0)
    throw new Refusal(
      'federation-not-drained',
      `party ${self.world.party} is not drained, so it cannot change to the next manifest`,
      { hint: 'its operator runs `trias party drain --wait`; then send the manifest again' },
    )
}

/** The first manifest binds the party; later only the same ones are taken, and one that follows the one in force. */
const admitFederation = async (self: Self, signed: unknown): Promise<Admitted> => {
  const before = self.manifestOrNull()
  const opened = openFederation(signed, before?.everKeyOf)
  if (before === null) {
    self.setManifest(await pinManifest(self.world, signed as SignedDocument))
    await self.journal.append('federation-accepted', opened.digest, { name: opened.document.name })
  } else if (before.digest !== opened.digest && !before.earlierDigests.has(opened.digest)) {
    const next = openSuccessor(self.world, before, signed as SignedDocument)
    await requireDrained(self)
    const { name, version } = opened.document
    await self.journal.append('federation-succeeded', opened.digest, {
      name,
      version,
      previous: before.digest,
    })
    await pinSuccessor(self.world, before, next)
    self.setManifest(next)
  }
  return { kind: 'federation', digest: opened.digest }
}

/** Data that was shared under an earlier manifest counts as long as its owner is still there. Throws Refusal. */
const requireUsable = async (self: Self, digests: readonly string[]): Promise<void> => {
  const { opened, earlierDigests } = manifestOf(self)
  for (const digest of digests) {
    const version = await self.documents.open('dataset-version', digest)
    if (version !== null) checkDatasetVersion(version, opened, earlierDigests)
  }
}

const admitRequest = async (self: Self, opened: OpenedDocument<'request'>): Promise<void> => {
  const request = opened.document
  const versions = await versionsOf(self, request.versions)
  await requireUsable(self, request.versions)
  const skewS = self.world.deadlines.skewMs / 1000
  checkRequest(opened, { federation: manifestOf(self).opened, versions, nowS: nowS(self), skewS })
  for (const [digest, version] of versions) {
    const missing = await missingChunks(self, digest, version)
    if (missing.length > 0)
      throw new Refusal(
        'request-data-incomplete',
        `${missing.length} pieces of data version ${digest} of ${version.owner} have not arrived at this party`,
        { hint: `${version.owner} pushes the dataset again` },
      )
  }
  await compileRequest(request, versions, manifestOf(self).opened.document)
  await requireBudget(self.world.durable, request, versions.values())
}

const admitApproval = async (self: Self, opened: OpenedDocument<'approval'>): Promise<void> => {
  const { request, owner } = opened.document
  const federation = manifestOf(self).opened
  requireMemberSigned('approval-foreign', federation.document, opened, owner)
  const file = await openRequest(self, request, 'approval')
  try {
    checkOffersAgree(file.offers)
  } catch {
    // Offers travel on their own; this party will check the approval against them when they are here.
    return
  }
  const { query } = await compiledOf(self, file)
  checkApproval(opened, {
    federation,
    request: file.request,
    versions: file.versions,
    offers: checkOffersAgree(file.offers),
    own: { planDigest: query.digest, disclosureDigest: query.disclosureDigest },
    nowS: nowS(self),
  })
}

/** The file of a request that is still open. Throws Refusal: <kind>-request-unknown or <kind>-request-ended. */
const openRequest = async (self: Self, request: string, kind: string) => {
  const file = await readRequestFile(self, request)
  const job = await self.jobs.get(request)
  if (file === null || job === null)
    throw new Refusal(`${kind}-request-unknown`, 'no such request here', { hint: 'post the request first' })
  if (hasEnded(job.state)) throw new Refusal(`${kind}-request-ended`, `the request is ${job.state} already`)
  return file
}

/**
 * How many documents one signer may have kept about one request. Two offers of one attempt prove that a party lies, and a
 * third proves nothing more; an owner may approve again when an approval ran out.
 */
const KEPT_MAX = { offer: 8, approval: 8, ready: 1, abort: 1, refusal: 1, done: 1 } as const
const OFFERS_PER_ATTEMPT_MAX = 2

/** Throws Refusal: document-too-many, or <kind>-request-ended for what cannot matter any more. */
const requireRoom = async (self: Self, opened: AnyOpenedDocument): Promise<void> => {
  const { kind, document, digest } = opened
  if (!('request' in document) || !Object.hasOwn(KEPT_MAX, kind)) return
  const { request } = document
  const [signer] = opened.signers
  // The same one again is what a crash between its records leaves to be repeated.
  const kept = (await self.documents.all(kind, request)).filter(
    one => one.signers[0] === signer && one.digest !== digest,
  )
  const sameAttempt =
    document.kind === 'offer'
      ? kept.filter(one => (one.document as { attempt?: number }).attempt === document.attempt)
      : []
  if (kept.length >= KEPT_MAX[kind as keyof typeof KEPT_MAX] || sameAttempt.length >= OFFERS_PER_ATTEMPT_MAX)
    throw new Refusal('document-too-many', `this signer has said enough of kind ${kind} about this request`, {
      hint: 'make a new request',
    })
  const job = await self.jobs.get(request)
  if (job === null) await noteEarly(self, signer as string, request)
  // How another party's run ended is worth keeping after the own end; that it could begin is not.
  if (kind !== 'offer' && kind !== 'ready') return
  if (job !== null && hasEnded(job.state))
    throw new Refusal(`${kind}-request-ended`, `the request is ${job.state} already`)
}

/** What begins something: a party that drains takes none of it. */
const BEGINNINGS: ReadonlySet<string> = new Set(['request', 'approval', 'dataset-version'])

/** Throws what is wrong with a document that a member or another party signed. */
const check = async (self: Self, opened: AnyOpenedDocument): Promise<void> => {
  const federation = manifestOf(self).opened
  const { document: manifest } = federation
  const fromOther = (party: number): void => {
    if (party === self.world.party)
      throw new Refusal('document-own', 'this party says that itself, and to nobody but the others')
  }
  switch (opened.kind) {
    case 'federation':
      return
    case 'dataset-version':
      return checkDatasetVersion(opened, federation)
    case 'request':
      return admitRequest(self, opened)
    case 'approval':
      return admitApproval(self, opened)
    case 'refusal': {
      const identity = manifestOf(self).identities.get(opened.signers[0] as string)
      // A peer may refuse a request that has not reached this party yet.
      if (identity?.as === 'party')
        return requirePartySigned('refusal-foreign', manifest, opened, identity.party.index)
      const file = await openRequest(self, opened.document.request, 'refusal')
      return checkRefusal(opened, { federation, ...file })
    }
    case 'offer': {
      fromOther(opened.document.party)
      requirePartySigned('offer-foreign', manifest, opened, opened.document.party)
      const request = await self.documents.open('request', opened.document.request)
      if (request !== null) checkOffer(opened, { federation, request, nowS: nowS(self) })
      return
    }
    case 'ready':
    case 'abort':
    case 'done':
      fromOther(opened.document.party)
      return requirePartySigned(`${opened.kind}-foreign`, manifest, opened, opened.document.party)
    case 'log-head':
      fromOther(opened.document.party)
      requirePartySigned('log-head-foreign', manifest, opened, opened.document.party)
      if (opened.document.federation !== federation.digest)
        throw new Refusal('log-head-other-federation', 'the head is of a log in another federation', {
          hint: `send the head of the log under manifest ${federation.digest}`,
        })
      return
  }
}

const requestOf = (opened: AnyOpenedDocument): string | undefined => {
  if (opened.kind === 'request') return opened.digest
  return 'request' in opened.document ? opened.document.request : undefined
}

/**
 * Takes one signed document, or throws: Refusal with the rule that failed, InputError for SQL that cannot be computed,
 * Unavailable before the party has a manifest.
 */
export const admitDocument = async (self: Self, signed: unknown): Promise<Admitted> => {
  const opened = await openOrAdmitFederation(self, signed)
  if (!('document' in opened)) return opened
  const former = opened.signers.find(kid => !manifestOf(self).identities.has(kid))
  if (former !== undefined)
    throw new Refusal('signer-former', `key ${former} was replaced by a later manifest`, {
      hint: `sign with the key that the manifest in force lists: version ${manifestOf(self).opened.document.version}`,
    })
  const about = requestOf(opened)
  const take = (): Promise<Admitted> => takeDocument(self, opened, signed as SignedDocument)
  return about === undefined ? take() : self.documents.inTurn(about, take)
}

/**
 * A manifest that is to follow is also signed by keys that only itself lists. It is looked into when the signatures of keys
 * that are known here hold, so never for a stranger.
 */
const openOrAdmitFederation = async (self: Self, signed: unknown): Promise<AnyOpenedDocument | Admitted> => {
  const manifest = self.manifestOrNull()
  if (manifest === null) {
    if (claimsToBeFederation(signed)) return admitFederation(self, signed)
    throw new Unavailable('this party has no federation manifest yet')
  }
  const isFederation = ({ kind }: AnyOpenedDocument): boolean => kind === 'federation'
  try {
    const opened = openDocument(signed, manifest.everKeyOf)
    return isFederation(opened) ? admitFederation(self, signed) : opened
  } catch (error) {
    if (!(error instanceof Refusal) || error.rule !== 'signer-unknown') throw error
    const known = withSignaturesOf(signed, manifest.everKeyOf)
    if (known.signatures.length === 0 || !isFederation(openDocument(known, manifest.everKeyOf))) throw error
    return admitFederation(self, signed)
  }
}

const takeDocument = async (
  self: Self,
  opened: AnyOpenedDocument,
  signed: SignedDocument,
): Promise<Admitted> => {
  const { kind, digest } = opened
  if (await self.documents.has(digest)) return { kind, digest }
  try {
    if (BEGINNINGS.has(kind)) await requireTakesNew(self)
    await check(self, opened)
    await requireRoom(self, opened)
  } catch (error) {
    // What may be taken later is no refusal yet, and digests can be made up without end.
    const isLater = error instanceof Refusal && error.rule === 'document-too-early'
    if (!isLater && (error instanceof Refusal || error instanceof InputError))
      await self.journal.append('document-refused', digest, {
        kind,
        rule: error instanceof Refusal ? error.rule : 'input',
        reason: error.message,
        signer: opened.signers[0],
      })
    throw error
  }
  if (opened.kind === 'log-head') {
    await waitForWitness(self, opened, signed)
    await self.world.waker.wake(CHORES)
    return { kind, digest }
  }
  // The document itself comes last: whoever dies before that is sent it again, and does all of this again.
  await self.journal.append('document-accepted', digest, { kind, signer: opened.signers[0] })
  if (opened.kind === 'request')
    await self.jobs.create({
      request: digest,
      state: 'requested',
      attempt: 1,
      roundsTotal: 0,
      bytesTotal: 0,
      rounds: 0,
      bytes: 0,
      updatedMs: self.world.clock.nowMs(),
    })
  await self.documents.keep(opened, signed)
  if (opened.kind === 'request') await forgetEarly(self, digest)
  const request = requestOf(opened)
  if (request !== undefined) await self.world.waker.wake(request)
  return { kind, digest }
}
