/**
 * Making a federation manifest: a draft that cards are added to, then signatures, one after the other or on copies that
 * are merged. A draft is the plain manifest; from the first signature on it is a signed document and cannot change.
 */
import { z } from 'zod'
import { InputError } from '../../shared/base/errors.ts'
import type { Signer } from '../../shared/crypto/jws.ts'
import {
  partiesWithoutHandOver,
  verifyFederation,
  verifySuccessor,
} from '../../shared/governance/check/federation.ts'
import {
  type Federation,
  federationSchema,
  memberSchema,
  partySchema,
} from '../../shared/governance/document/federation.ts'
import { keyIdOfText, membersWithRole, signingKeysOf } from '../../shared/governance/roles.ts'
import {
  coSignDocument,
  mergeSignatures,
  namedSigners,
  type OpenedDocument,
  openFederation,
  type SignedDocument,
  signDocument,
} from '../../shared/governance/sign.ts'

/** What a member gives away to be put into a manifest. */
const memberCardSchema = memberSchema.extend({ kind: z.literal('member-card') })
const partyCardSchema = partySchema.extend({ kind: z.literal('party-card') })
const cardSchema = z.discriminatedUnion('kind', [memberCardSchema, partyCardSchema])
type MemberCard = Readonly<z.infer<typeof memberCardSchema>>
export type PartyCard = Readonly<z.infer<typeof partyCardSchema>>
export type Card = Readonly<z.infer<typeof cardSchema>>

/** A manifest that may still lack parties and members. */
const draftSchema = federationSchema.extend({
  parties: z.array(partySchema).max(3),
  members: z.array(memberSchema),
})
export type Draft = Readonly<z.infer<typeof draftSchema>>

const problemIn = (error: z.ZodError): string => {
  const [issue] = error.issues
  return `${issue?.path.join('.') || 'it'}: ${issue?.message}`
}

export const parseCard = (value: unknown, where: string): Card => {
  const parsed = cardSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new InputError(`this is not the card of a member or a party: ${problemIn(parsed.error)}`, {
    where,
    hint: '`trias keygen` writes the card beside the keys.',
  })
}

export const parsePartyCard = (value: unknown, where: string): PartyCard => {
  const card = parseCard(value, where)
  if (card.kind === 'party-card') return card
  throw new InputError('this is the card of a member, not of a party', { where })
}

/** A signed manifest, or a draft. */
export const parseManifest = (value: unknown, where: string): SignedDocument | Draft => {
  if (typeof value === 'object' && value !== null && 'signatures' in value) return value as SignedDocument
  const parsed = draftSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new InputError(`this is neither a manifest nor a draft of one: ${problemIn(parsed.error)}`, {
    where,
    hint: 'Begin one with `trias federation init`.',
  })
}

/** A manifest with signatures. */
export const readSignedManifest = (value: unknown, where: string): SignedDocument => {
  const manifest = parseManifest(value, where)
  if (isSigned(manifest)) return manifest
  throw new InputError('this is a draft that nobody has signed', {
    where,
    hint: 'Name the signed manifest in force.',
  })
}

export const isSigned = (manifest: SignedDocument | Draft): manifest is SignedDocument =>
  'signatures' in manifest

/** Puts a party or a member in; one of the same name or index is replaced. */
export const addCard = (draft: Draft, card: Card): Draft => {
  const { kind, ...rest } = card
  if (kind === 'party-card') {
    const party = rest as Omit<PartyCard, 'kind'>
    const others = draft.parties.filter(({ index }) => index !== party.index)
    return { ...draft, parties: [...others, party].toSorted((a, b) => a.index - b.index) }
  }
  const member = rest as Omit<MemberCard, 'kind'>
  return { ...draft, members: [...draft.members.filter(({ name }) => name !== member.name), member] }
}

/** The draft of the version that follows a manifest in force; it says the same until it is changed. */
export const draftAfter = (signed: SignedDocument): Draft => {
  const { document, digest } = openFederation(signed)
  return { ...document, version: document.version + 1, previous: digest }
}

/** Throws InputError for a draft that is not complete. */
const complete = (draft: Draft): Federation => {
  const parsed = federationSchema.safeParse(draft)
  if (parsed.success) return parsed.data
  const lacking = [
    ...(draft.parties.length < 3 ? [`${3 - draft.parties.length} of three parties`] : []),
    ...(draft.members.length === 0 ? ['every member'] : []),
    ...(draft.purposes.length === 0 ? ['a purpose'] : []),
  ]
  throw lacking.length > 0
    ? new InputError(`the draft is not complete: it lacks ${lacking.join(', ')}`, {
        hint: 'Add the cards of parties and members with `trias federation add`.',
      })
    : new InputError(`the draft cannot be signed: ${problemIn(parsed.error)}`)
}

/** Adds one signature, after the signatures that are there were verified. Signing twice changes nothing. */
export const signManifest = (manifest: SignedDocument | Draft, signer: Signer): SignedDocument => {
  if (!isSigned(manifest)) return signDocument(complete(manifest), signer)
  openFederation(manifest)
  return namedSigners(manifest).includes(signer.kid) ? manifest : coSignDocument(manifest, signer)
}

/** Copies of one manifest that different members signed. Throws InputError when they are not copies. */
export const mergeManifests = (copies: readonly SignedDocument[]): SignedDocument => {
  for (const copy of copies) openFederation(copy)
  try {
    return mergeSignatures(copies)
  } catch (cause) {
    throw new InputError('these are different manifests, so their signatures cannot be put together', {
      cause,
    })
  }
}

export interface ManifestState {
  readonly federation: OpenedDocument<'federation'>
  /** Who has signed, and which founder has not: parties by operator, owners by name. */
  readonly signedBy: readonly string[]
  readonly missing: readonly string[]
  /** What keeps it from holding apart from missing signatures. */
  readonly problem: string | undefined
}

/** `current`: the manifest in force, when it is known; what follows it needs the present keys of all parties. */
export const stateOfManifest = (signed: SignedDocument, current?: SignedDocument): ManifestState => {
  const inForce = current === undefined ? undefined : openFederation(current)
  const federation = openFederation(signed, inForce && signingKeysOf(inForce.document))
  const before = federation.document.previous === inForce?.digest ? inForce : undefined
  const { parties, members } = federation.document
  const founders = [
    ...parties.map(({ operator, signingKey }) => ({ name: operator, signingKey })),
    ...membersWithRole(federation.document, 'owner'),
  ]
  const has = ({ signingKey }: { signingKey: string }): boolean =>
    federation.signers.includes(keyIdOfText(signingKey))
  const everyone = [
    ...parties.map(({ operator, signingKey }) => ({ name: operator, signingKey })),
    ...members,
  ]
  const silent = before === undefined ? [] : partiesWithoutHandOver(before.document, federation)
  const missing = [
    ...founders.filter(founder => !has(founder)).map(({ name }) => name),
    ...silent
      .filter(({ index, signingKey }) => parties[index].signingKey !== signingKey)
      .map(({ operator }) => `${operator} with its present key`),
  ]
  let problem: string | undefined
  try {
    if (before === undefined) verifyFederation(federation)
    else verifySuccessor(before, federation)
  } catch (error) {
    if (missing.length === 0) problem = error instanceof Error ? error.message : String(error)
  }
  return { federation, signedBy: everyone.filter(has).map(({ name }) => name), missing, problem }
}
