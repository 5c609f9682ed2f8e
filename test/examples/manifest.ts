/** The manifest of an example with keys made for the test, signed by all whom it needs, and proposals to change it. */
import { toBase64url } from '../../shared/base/bytes.ts'
import { Refusal } from '../../shared/base/errors.ts'
import { sha256 } from '../../shared/crypto/hash.ts'
import type { Signer } from '../../shared/crypto/jws.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { generateBoxKeyPair } from '../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import { verifyFederation } from '../../shared/governance/check/federation.ts'
import { type Federation, federationSchema } from '../../shared/governance/document/federation.ts'
import { coSignDocument, openFederation, signDocument } from '../../shared/governance/sign.ts'

type Keyless<T> = Omit<T, 'signingKey' | 'sealingKey'>
export interface Draft extends Omit<Federation, 'kind' | 'parties' | 'members'> {
  readonly parties: readonly Keyless<Federation['parties'][number]>[]
  readonly members: readonly Keyless<Federation['members'][number]>[]
}
export interface Proposal {
  readonly change: string
  readonly parties?: Readonly<Record<string, Partial<Draft['parties'][number]>>>
  readonly unsigned?: string
}

const seedOf = (text: string): Uint8Array => sha256(new TextEncoder().encode(text))

const keysOf = async (who: string) => {
  const signing = signingKeyPair(seedOf(`${who} signs`))
  const sealing = await generateBoxKeyPair(seedOf(`${who} opens`))
  const signer: Signer = { kid: keyId(signing.publicKey), secretKey: signing.secretKey }
  return {
    signer,
    entry: { signingKey: toBase64url(signing.publicKey), sealingKey: toBase64url(sealing.publicKey) },
  }
}

/** The refusal that the changed manifest meets, or undefined. */
export const refusalOf = async (
  draft: Draft,
  { parties = {}, unsigned }: Omit<Proposal, 'change'>,
): Promise<Refusal | undefined> => {
  const changed = draft.parties.map(party => ({ ...party, ...parties[party.index] }))
  const ofParties = await Promise.all(changed.map(({ index }) => keysOf(`party ${index}`)))
  const ofMembers = await Promise.all(draft.members.map(({ name }) => keysOf(name)))
  const federation = federationSchema.parse({
    ...draft,
    kind: 'federation',
    parties: changed.map((party, i) => ({ ...party, ...ofParties[i]?.entry })),
    members: draft.members.map((member, i) => ({ ...member, ...ofMembers[i]?.entry })),
  })
  const owners = ofMembers.filter(
    (_, i) => draft.members[i]?.roles.includes('owner') && draft.members[i]?.name !== unsigned,
  )
  const [first, ...others] = [...ofParties, ...owners].map(({ signer }) => signer) as [Signer, ...Signer[]]
  const signed = others.reduce(
    (document, signer) => coSignDocument(document, signer),
    signDocument(federation, first),
  )
  try {
    verifyFederation(openFederation(signed))
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
