/**
 * One list of distinct values a column: x = 1 OR x IN (2, 2) becomes x IN (1, 2), and x <> 1 AND x <> 2 becomes
 * x NOT IN (1, 2). A list costs one equality a value and its OR is free, because at most one of them holds.
 * A list of one value is a comparison; what is not a constant becomes an OR of comparisons; NULL in a NOT IN list
 * leaves nothing true. Runs after `push-down-not` and before `fold-constant-comparison`.
 */
import { type Constant, type Expression, literal, type Predicate, show } from '../expression.ts'
import { type Rule, rewriteConditions, rewritePredicate } from './rule.ts'

const distinct = (list: readonly Expression[]): readonly Expression[] => [
  ...new Map(list.map(item => [show(item), item])).values(),
]

const equals = (of: Expression, value: Expression, negated: boolean): Predicate => ({
  kind: 'compare',
  comparison: negated ? '<>' : '=',
  left: of,
  right: value,
})

const splitList = (of: Extract<Predicate, { kind: 'in' }>): Predicate => {
  if (of.negated && of.list.some(item => item.kind === 'null')) return literal(false)
  const list = distinct(of.list.filter(item => item.kind !== 'null'))
  const constants = list.filter((item): item is Constant => item.kind === 'constant')
  const others = list.filter(item => item.kind !== 'constant')
  // Only a column's own values are looked up in a list; anything else is compared one by one.
  const single = of.of.kind !== 'column' || constants.length === 1
  const parts: readonly Predicate[] = [
    ...(single
      ? constants.map(item => equals(of.of, item, of.negated))
      : constants.length > 0
        ? [{ ...of, list: constants }]
        : []),
    ...others.map(item => equals(of.of, item, of.negated)),
  ]
  if (parts.length === 0) return literal(of.negated)
  return parts.length === 1 ? (parts[0] as Predicate) : { kind: of.negated ? 'and' : 'or', of: parts }
}

/** The column and values that a leaf of OR (or, negated, of AND) tests, if it is of that form. */
const listOf = (
  of: Predicate,
  negated: boolean,
): { of: Expression; list: readonly Expression[] } | undefined => {
  if (of.kind === 'in' && of.negated === negated) return of
  const wanted = negated ? '<>' : '='
  if (
    of.kind === 'compare' &&
    of.comparison === wanted &&
    of.left.kind === 'column' &&
    of.right.kind === 'constant'
  )
    return { of: of.left, list: [of.right] }
  return undefined
}

const mergeLists = (of: Extract<Predicate, { kind: 'and' | 'or' }>): Predicate => {
  const negated = of.kind === 'and'
  const flat = of.of.flatMap(part => (part.kind === of.kind ? part.of : [part]))
  const lists = new Map<string, Predicate>()
  const parts: (Predicate | string)[] = []
  for (const part of flat) {
    const found = listOf(part, negated)
    if (found === undefined) {
      parts.push(part)
      continue
    }
    const key = show(found.of)
    const before = lists.get(key)
    if (before === undefined) parts.push(key)
    const earlier = before === undefined ? [] : (listOf(before, negated)?.list ?? [])
    const list = distinct([...earlier, ...found.list])
    lists.set(
      key,
      list.length === 1
        ? equals(found.of, list[0] as Expression, negated)
        : { kind: 'in', of: found.of, list, negated },
    )
  }
  const merged = parts.map(part => (typeof part === 'string' ? (lists.get(part) as Predicate) : part))
  return merged.length === 1 ? (merged[0] as Predicate) : { kind: of.kind, of: merged }
}

export const mergeInList: Rule = {
  name: 'merge-in-list',
  apply: query =>
    rewriteConditions(query, whole =>
      rewritePredicate(whole, {
        predicate: of =>
          of.kind === 'in' ? splitList(of) : of.kind === 'and' || of.kind === 'or' ? mergeLists(of) : of,
      }),
    ),
}
