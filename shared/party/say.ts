/** What this party says to the others: signed, kept, and posted to both, again and again until they have it. */

import { utf8 } from '../base/bytes.ts'
import type { TriasDocument } from '../governance/document/document.ts'
import { type AnyOpenedDocument, digestOfDocument, signDocument, signedText } from '../governance/sign.ts'
import { nextOf, previousOf } from '../sharing/shared.ts'
import { manifestOf, type Self } from './self.ts'

/** The digest of the document, which is kept when this returns; posting goes on in the background. */
export const say = async (self: Self, document: TriasDocument): Promise<string> => {
  const { world } = self
  const { peer } = manifestOf(self)
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
  const body = utf8(signedText(signed))
  for (const to of [previousOf(world.party), nextOf(world.party)])
    self.background(`post-${document.kind}`, () =>
      peer.post(to, '/v1/documents', body, { deadlineMs: world.deadlines.postMs, cancelled: self.isClosing }),
    )
  return digest
}
