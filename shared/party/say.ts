/** What this party says to the others: signed, kept, and posted to both, again and again until they have it. */

import { utf8 } from '../base/bytes.ts'
import type { DocumentKind, TriasDocument } from '../governance/document/document.ts'
import {
  type AnyOpenedDocument,
  digestOfDocument,
  type SignedDocument,
  signDocument,
  signedText,
} from '../governance/sign.ts'
import { nextOf, previousOf } from '../sharing/shared.ts'
import { manifestOf, type Self } from './self.ts'

/** The digest of the document, which is kept when this returns; posting goes on in the background. */
export const say = async (self: Self, document: TriasDocument): Promise<string> => {
  const { world } = self
  const { signer } = world.keyring
  const signed = signDocument(document, signer)
  const digest = digestOfDocument(document)
  const opened = {
    kind: document.kind,
    document,
    digest,
    signers: [signer.kid],
  } as unknown as AnyOpenedDocument
  await self.documents.keep(opened, signed)
  post(self, document.kind, signed)
  return digest
}

/** What this process has not said itself may not have reached the others: a restart cut it short. Repeating is harmless. */
export const sayAgain = async (self: Self, request: string): Promise<void> => {
  for (const kind of ['offer', 'ready'] as const)
    for (const { digest, document } of await self.documents.all(kind, request)) {
      const signed = document.party === self.world.party ? await self.documents.signed(digest) : null
      if (signed !== null) post(self, kind, signed)
    }
}

const post = (self: Self, kind: DocumentKind, signed: SignedDocument): void => {
  const { world } = self
  const { peer } = manifestOf(self)
  const body = utf8(signedText(signed))
  for (const to of [previousOf(world.party), nextOf(world.party)])
    self.background(`post-${kind}`, () =>
      peer.post(to, '/v1/documents', body, { deadlineMs: world.deadlines.postMs, cancelled: self.isClosing }),
    )
}
