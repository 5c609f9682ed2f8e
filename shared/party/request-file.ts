/** Everything that this party has verified about one request. */
import type { DatasetVersion } from '../governance/document/dataset-version.ts'
import type { DocumentKind } from '../governance/document/document.ts'
import type { OpenedDocument } from '../governance/sign.ts'
import type { Self } from './self.ts'

export interface RequestFile {
  readonly request: OpenedDocument<'request'>
  /** The dataset versions that it reads, by digest. */
  readonly versions: ReadonlyMap<string, DatasetVersion>
  readonly offers: readonly OpenedDocument<'offer'>[]
  readonly approvals: readonly OpenedDocument<'approval'>[]
  readonly refusals: readonly OpenedDocument<'refusal'>[]
  readonly readies: readonly OpenedDocument<'ready'>[]
  readonly aborts: readonly OpenedDocument<'abort'>[]
}

export const versionsOf = async (
  self: Self,
  digests: readonly string[],
): Promise<ReadonlyMap<string, DatasetVersion>> => {
  const versions = new Map<string, DatasetVersion>()
  for (const digest of digests) {
    const opened = await self.documents.open('dataset-version', digest)
    if (opened !== null) versions.set(digest, opened.document)
  }
  return versions
}

/** null: the request is not known here. */
export const readRequestFile = async (self: Self, digest: string): Promise<RequestFile | null> => {
  const { documents } = self
  const request = await documents.open('request', digest)
  if (request === null) return null
  const about = await documents.about(digest)
  const of = <K extends DocumentKind>(kind: K): readonly OpenedDocument<K>[] =>
    about.filter(one => one.kind === kind) as unknown as OpenedDocument<K>[]
  return {
    request,
    versions: await versionsOf(self, request.document.versions),
    offers: of('offer'),
    approvals: of('approval'),
    refusals: of('refusal'),
    readies: of('ready'),
    aborts: of('abort'),
  }
}
