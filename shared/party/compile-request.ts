/** This party's own reading of a request: the plan, what it discloses, and what it costs. Trusts nobody's digest. */
import { canonicalJson, type Json } from '../base/canonical.ts'
import { Refusal } from '../base/errors.ts'
import type { DatasetVersion } from '../governance/document/dataset-version.ts'
import type { Federation } from '../governance/document/federation.ts'
import type { Request } from '../governance/document/request.ts'
import { compile } from '../sql/compile.ts'
import { costOf } from '../sql/cost.ts'
import type { RequestFile } from './request-file.ts'
import { type Compiled, manifestOf, type Self } from './self.ts'

/** The versions in the request's order; they are one table, whoever owns them. Throws Refusal('request-schemas-differ'). */
const orderedVersions = (
  request: Request,
  versions: ReadonlyMap<string, DatasetVersion>,
): readonly [DatasetVersion, ...DatasetVersion[]] => {
  const ordered = request.versions.map(digest => versions.get(digest) as DatasetVersion)
  const [first, ...others] = ordered
  if (first === undefined) throw new RangeError('a request reads at least one version')
  const text = canonicalJson(first.schema as unknown as Json)
  const other = others.find(version => canonicalJson(version.schema as unknown as Json) !== text)
  if (other !== undefined)
    throw new Refusal(
      'request-schemas-differ',
      `${first.owner} and ${other.owner} describe the table differently`,
      {
        hint: 'all owners share their data under one and the same schema',
      },
    )
  return [first, ...others]
}

/** Throws InputError for SQL that cannot be computed, naming construct and position. */
export const compileRequest = async (
  request: Request,
  versions: ReadonlyMap<string, DatasetVersion>,
  { policy }: Federation,
): Promise<Compiled> => {
  const ordered = orderedVersions(request, versions)
  const query = await compile(request.sql, {
    schema: ordered[0].schema,
    rows: ordered.reduce((sum, version) => sum + version.rows, 0),
    minimumGroupSize: request.minimumGroupSize,
    stageRowsMax: policy.stageRowsMax,
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
