/** This party's own reading of a request: the plan, what it discloses, and what it costs. Trusts nobody's digest. */
import type { DatasetVersion } from '../governance/document/dataset-version.ts'
import type { Federation } from '../governance/document/federation.ts'
import type { Request } from '../governance/document/request.ts'
import { tablesOfVersions } from '../governance/tables-of-versions.ts'
import { compile } from '../sql/compile.ts'
import { costOf } from '../sql/cost.ts'
import type { RequestFile } from './request-file.ts'
import { type Compiled, manifestOf, type Self } from './self.ts'

/** Throws Refusal('request-schemas-differ'), or InputError for SQL that cannot be computed, naming construct and position. */
export const compileRequest = async (
  request: Request,
  versions: ReadonlyMap<string, DatasetVersion>,
  { policy }: Federation,
): Promise<Compiled> => {
  const ordered = request.versions.map(digest => versions.get(digest) as DatasetVersion)
  const query = await compile(request.sql, {
    tables: tablesOfVersions(ordered),
    minimumGroupSize: request.minimumGroupSize,
    epsilon: request.epsilon,
    stageRowsMax: policy.stageRowsMax,
    network: policy.network,
  })
  return { query, cost: await costOf(query) }
}

/** The compiled plan of a request that was taken before; kept in memory while the request is open. */
export const compiledOf = (
  self: Self,
  file: Pick<RequestFile, 'request' | 'versions'>,
): Promise<Compiled> => {
  const { digest, document } = file.request
  const known =
    self.compiled.get(digest) ?? compileRequest(document, file.versions, manifestOf(self).opened.document)
  self.compiled.set(digest, known)
  known.catch(() => self.compiled.delete(digest))
  return known
}
