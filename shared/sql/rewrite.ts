/** All rules, in the order in which they rely on each other. */
import type { Query } from './query.ts'
import { avgToSumAndCount } from './rules/avg-to-sum-and-count.ts'
import { countNeverNull } from './rules/count-never-null.ts'
import { foldConstantComparison } from './rules/fold-constant-comparison.ts'
import { foldConstantExpression } from './rules/fold-constant-expression.ts'
import { mergeInList } from './rules/merge-in-list.ts'
import { pushDownNot } from './rules/push-down-not.ts'
import { rewriteBetween } from './rules/rewrite-between.ts'
import type { Rule } from './rules/rule.ts'
import { shareCommonAggregate } from './rules/share-common-aggregate.ts'

export const RULES: readonly Rule[] = [
  foldConstantExpression,
  rewriteBetween,
  pushDownNot,
  mergeInList,
  foldConstantComparison,
  avgToSumAndCount,
  countNeverNull,
  shareCommonAggregate,
]

export const rewrite = (query: Query): Query => RULES.reduce((before, rule) => rule.apply(before), query)
