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
import { OWNER_COLUMN, ownerColumn } from '../sql/owners.ts'
import { readChunks } from './chunks.ts'
import { compiledOf } from './compile-request.ts'
import type { Job } from './jobs.ts'
import type { RequestFile } from './request-file.ts'
import { runKey } from './run-key.ts'
import type { Self } from './self.ts'

/** Batches stand in the order of the table's owners, and every row of one is that owner's. */
const withOwner = (batch: Relation, place: number, owners: number): Relation => ({
  ...batch,
  public: new Map([
    ...batch.public,
    [
      OWNER_COLUMN,
      { column: ownerColumn(owners), values: new Array<bigint>(batch.rows).fill(BigInt(place)) },
    ],
  ]),
})

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
  const versions = file.request.document.versions.map(digest => file.versions.get(digest) as DatasetVersion)
  for (const [i, digest] of file.request.document.versions.entries()) {
    const version = versions[i] as DatasetVersion
    const columns = wanted.get(version.schema.table)
    // A table that the query does not read: its owner has agreed to more than is needed.
    if (columns === undefined) continue
    const approval = approvals.find(({ document }) => document.owner === version.owner)
    if (approval === undefined) throw new Abort('approval-missing', `${version.owner} has not approved`)
    const grant = await openGrant(secretKey, approval.document, digest, party)
    const pieces = await readChunks(self, version)
    const holding = unlockBatch(crypto, grant, version.version, party, pieces, version.shareDigests)
    const batch = loadBatch(kernel, crypto.keystream, version.schema, version.rows, party, holding, columns)
    const owners = versions.filter(({ schema }) => schema.table === version.schema.table).length
    const before = relations.get(version.schema.table) ?? []
    relations.set(version.schema.table, [...before, withOwner(batch, before.length, owners)])
  }
  return new Map([...relations].map(([table, batches]) => [table, concatRelations(kernel, batches)]))
}
