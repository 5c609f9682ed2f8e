/** All rules, in the order in which they rely on each other. */
import type { Query, Source } from './query.ts'
import { avgToSumAndCount } from './rules/avg-to-sum-and-count.ts'
import { compareWithOneRow } from './rules/compare-with-one-row.ts'
import { countNeverNull } from './rules/count-never-null.ts'
import { foldConstantComparison } from './rules/fold-constant-comparison.ts'
import { foldConstantExpression } from './rules/fold-constant-expression.ts'
import { foldDecidedCase } from './rules/fold-decided-case.ts'
import { mergeInList } from './rules/merge-in-list.ts'
import { pushDownFilter } from './rules/push-down-filter.ts'
import { pushDownNot } from './rules/push-down-not.ts'
import { rewriteBetween } from './rules/rewrite-between.ts'
import type { Rule } from './rules/rule.ts'
import { shareCommonAggregate } from './rules/share-common-aggregate.ts'

export const RULES: readonly Rule[] = [
  compareWithOneRow,
  foldConstantExpression,
  rewriteBetween,
  pushDownNot,
  mergeInList,
  foldConstantComparison,
  foldDecidedCase,
  avgToSumAndCount,
  countNeverNull,
  shareCommonAggregate,
  pushDownFilter,
]

/** Inner blocks first: a rule sees one block at a time. */
export const rewrite = (query: Query): Query =>
  RULES.reduce<Query>((before, rule) => rule.apply(before), {
    ...query,
    from: rewriteSource(query.from),
    beside: query.beside.map(rewriteSource),
  })

const rewriteSource = (source: Source): Source => {
  switch (source.kind) {
    case 'table':
      return source
    case 'derived':
      return { ...source, query: rewrite(source.query) }
    case 'union':
      return { ...source, queries: source.queries.map(rewrite) }
    case 'filter':
      return { ...source, input: rewriteSource(source.input) }
    case 'join':
      return { ...source, left: rewriteSource(source.left), right: rewriteSource(source.right) }
  }
}
