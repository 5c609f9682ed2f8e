/**
 * The inputs of a run: pieces as the owners encrypted them, opened with the grants in their approvals, checked against the
 * digests that the owners signed, joined in the request's order to one relation a table; only the columns that the plan reads. Secret: everything returned. Local: 0 rounds.
 */

import { Abort } from '../base/errors.ts'
import { loadBatch } from '../data/load.ts'
import { unlockBatch } from '../data/owner-lock.ts'
import { concatRelations, type Relation } from '../data/relation.ts'
import type { DatasetVersion } from '../governance/document/dataset-version.ts'
import { openGrant } from '../governance/grants.ts'
import type { OpenedDocument } from '../governance/sign.ts'
import type { Relations } from '../sql/execute.ts'
import { readChunks } from './chunks.ts'
import { compiledOf } from './compile-request.ts'
import type { Job } from './jobs.ts'
import type { RequestFile } from './request-file.ts'
import { runKey } from './run-key.ts'
import type { Self } from './self.ts'

/**
 * Throws Abort: chunk-authentication-failed, share-digest-differs, share-malformed, seal-broken or run-key-destroyed;
 * Refusal('chunks-missing').
 */
export const openInputs = async (
  self: Self,
  job: Job,
  file: RequestFile,
  approvals: readonly OpenedDocument<'approval'>[],
): Promise<Relations> => {
  const { kernel, crypto, party } = self.world
  const { secretKey } = await runKey(self, job)
  const { plan } = (await compiledOf(self, file)).query
  const wanted = new Map(
    plan.tables.map(({ table, columns }) => [table, new Set(columns.map(column => column.name))]),
  )
  const relations = new Map<string, Relation[]>()
  for (const digest of file.request.document.versions) {
    const version = file.versions.get(digest) as DatasetVersion
    const columns = wanted.get(version.schema.table)
    // A table that the query does not read: its owner has agreed to more than is needed.
    if (columns === undefined) continue
    const approval = approvals.find(({ document }) => document.owner === version.owner)
    if (approval === undefined) throw new Abort('approval-missing', `${version.owner} has not approved`)
    const grant = await openGrant(secretKey, approval.document, digest, party)
    const pieces = await readChunks(self, version)
    const holding = unlockBatch(crypto, grant, version.version, party, pieces, version.shareDigests)
    const batch = loadBatch(kernel, crypto.keystream, version.schema, version.rows, party, holding, columns)
    relations.set(version.schema.table, [...(relations.get(version.schema.table) ?? []), batch])
  }
  return new Map([...relations].map(([table, batches]) => [table, concatRelations(kernel, batches)]))
}
