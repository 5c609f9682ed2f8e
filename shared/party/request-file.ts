/** Everything that this party has verified about one request. */
import type { DatasetVersion } from '../governance/document/dataset-version.ts'
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
  return {
    request,
    versions: await versionsOf(self, request.document.versions),
    offers: await documents.all('offer', digest),
    approvals: await documents.all('approval', digest),
    refusals: await documents.all('refusal', digest),
    readies: await documents.all('ready', digest),
    aborts: await documents.all('abort', digest),
  }
}
