/** What this party says to the others: signed, kept, and posted to both until they have it. */
import type { TriasDocument } from '../governance/document/document.ts'
import { type AnyOpenedDocument, digestOfDocument, signDocument } from '../governance/sign.ts'
import { CHORES } from '../port/waker.ts'
import { noteForOthers, postNoted } from './outbox.ts'
import type { Self } from './self.ts'

/** The digest of the document, which is kept and noted for posting when this returns; posting goes on in the background. */
export const say = async (self: Self, document: TriasDocument): Promise<string> => {
  const { signer } = self.world.keyring
  const signed = signDocument(document, signer)
  const digest = digestOfDocument(document)
  const opened = {
    kind: document.kind,
    document,
    digest,
    signers: [signer.kid],
  } as unknown as AnyOpenedDocument
  await self.documents.keep(opened, signed)
  await sayAgain(self, 'request' in document ? document.request : CHORES, digest)
  return digest
}

/**
 * What was kept may not have been noted: whoever dies in between leaves the step that says it to be taken again, and that
 * step calls `say` with the same document, or this.
 */
export const sayAgain = async (self: Self, subject: string, digest: string): Promise<void> => {
  await noteForOthers(self, subject, digest)
  self.background('post', () => postNoted(self, subject))
}
