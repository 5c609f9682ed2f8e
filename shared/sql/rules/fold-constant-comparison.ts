/**
 * Compares with the declared range instead of with the data. Runs after `push-down-not`, so only truth matters:
 *  - a comparison that no declared value fulfils is FALSE, one that all fulfil is "IS NOT NULL" (TRUE without NULLs);
 *  - a constant with more decimals than the column is rounded exactly to the side that keeps the meaning;
 *  - a comparison with NULL is never true; one of two constants is its value;
 *  - AND and OR drop what no longer matters.
 */
import { type Column, scaleOf as columnScale, rangeOf } from '../../data/schema.ts'
import {
  type ColumnReference,
  type Comparison,
  type Constant,
  constant,
  type Expression,
  literal,
  type Predicate,
} from '../expression.ts'
import { columnsOfQuery } from '../query.ts'
import { type Rule, rewriteConditions, rewritePredicate } from './rule.ts'

const floorDivide = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n)

/** The constant in the column's own integers, rounded down, and whether that lost nothing. */
const alignedTo = (scale: number, of: Constant): { readonly floor: bigint; readonly exact: boolean } => {
  const value = BigInt(of.value)
  if (of.scale <= scale) return { floor: value * 10n ** BigInt(scale - of.scale), exact: true }
  const factor = 10n ** BigInt(of.scale - scale)
  return { floor: floorDivide(value, factor), exact: value % factor === 0n }
}

const compareConstants = (a: Constant, b: Constant, comparison: Comparison): boolean => {
  const scale = Math.max(a.scale, b.scale)
  const [x, y] = [a, b].map(side => BigInt(side.value) * 10n ** BigInt(scale - side.scale)) as [
    bigint,
    bigint,
  ]
  switch (comparison) {
    case '=':
      return x === y
    case '<>':
      return x !== y
    case '<':
      return x < y
    case '<=':
      return x <= y
    case '>':
      return x > y
    case '>=':
      return x >= y
  }
}

const foldColumn = (
  columns: readonly Column[],
  column: ColumnReference,
  comparison: Comparison,
  right: Constant,
): Predicate => {
  const declared = columns.find(({ name }) => name === column.column)
  if (declared === undefined) return { kind: 'compare', comparison, left: column, right }
  const { low, high } = rangeOf(declared.type)
  const scale = columnScale(declared.type)
  const { floor, exact } = alignedTo(scale, right)
  const always: Predicate = declared.nullable ? { kind: 'is-null', of: column, negated: true } : literal(true)
  const compare = (to: Comparison, value: bigint): Predicate => ({
    kind: 'compare',
    comparison: to,
    left: column,
    right: constant(value, scale, right.type, right.text),
  })
  // x < 1.5 is x <= 1, and x >= 1.5 is x > 1.
  switch (comparison) {
    case '=':
    case '<>': {
      const possible = exact && floor >= low && floor <= high
      if (!possible) return comparison === '=' ? literal(false) : always
      if (low === high) return comparison === '=' ? always : literal(false)
      return compare(comparison, floor)
    }
    case '<':
    case '<=': {
      const greatest = comparison === '<' && exact ? floor - 1n : floor
      if (greatest < low) return literal(false)
      return greatest >= high ? always : compare('<=', greatest)
    }
    case '>':
    case '>=': {
      const least = comparison === '>=' && exact ? floor : floor + 1n
      if (least > high) return literal(false)
      return least <= low ? always : compare('>=', least)
    }
  }
}

/** Keeps the values of a list that the column can have. */
const foldList = (columns: readonly Column[], of: Extract<Predicate, { kind: 'in' }>): Predicate => {
  const column = of.of
  if (column.kind !== 'column') return of
  const parts = of.list.map(item =>
    item.kind === 'constant'
      ? foldColumn(columns, column, of.negated ? '<>' : '=', item)
      : ({ kind: 'compare', comparison: of.negated ? '<>' : '=', left: column, right: item } as const),
  )
  // What is always fulfilled (or never) is no comparison any more and drops out, unless the range is a single value.
  const kept = parts.flatMap(part => (part.kind === 'compare' ? [part] : []))
  const isFalse = (part: Predicate): boolean => part.kind === 'literal' && part.value === false
  // The only value that there is: IN is what it is, NOT IN is false.
  const single = parts.find(part => part.kind !== 'compare' && isFalse(part) === of.negated)
  if (single !== undefined) return single
  if (kept.length === 0) return parts[0] ?? literal(of.negated)
  return kept.length === 1 ? (kept[0] as Predicate) : { ...of, list: kept.map(part => part.right) }
}

const simplify = (kind: 'and' | 'or', parts: readonly Predicate[]): Predicate => {
  const flat = parts.flatMap(part => (part.kind === kind ? part.of : [part]))
  const absorbing = kind === 'or'
  const isLiteral = (of: Predicate, value: boolean): boolean => of.kind === 'literal' && of.value === value
  if (flat.some(part => isLiteral(part, absorbing))) return literal(absorbing)
  const left = flat.filter(part => !isLiteral(part, !absorbing))
  return left.length === 0
    ? literal(!absorbing)
    : left.length === 1
      ? (left[0] as Predicate)
      : { kind, of: left }
}

const isNull = (of: Expression): boolean => of.kind === 'null'

const foldLeaf = (columns: readonly Column[], of: Predicate): Predicate => {
  switch (of.kind) {
    case 'literal':
      return literal(of.value === true)
    case 'compare': {
      const { left, right, comparison } = of
      if (isNull(left) || isNull(right)) return literal(false)
      if (left.kind === 'constant' && right.kind === 'constant')
        return literal(compareConstants(left, right, comparison))
      return left.kind === 'column' && right.kind === 'constant'
        ? foldColumn(columns, left, comparison, right)
        : of
    }
    case 'is-null': {
      if (of.of.kind === 'null') return literal(!of.negated)
      if (of.of.kind === 'constant') return literal(of.negated)
      const name = of.of.kind === 'column' ? of.of.column : undefined
      const declared = columns.find(column => column.name === name)
      return declared !== undefined && !declared.nullable ? literal(of.negated) : of
    }
    case 'in':
      return foldList(columns, of)
    case 'is':
      // After push-down-not only "IS NOT TRUE" is left.
      return of.of.kind === 'literal' ? literal(of.of.value !== true) : of
    case 'and':
    case 'or':
      return simplify(of.kind, of.of)
    default:
      return of
  }
}

export const foldConstantComparison: Rule = {
  name: 'fold-constant-comparison',
  apply: query => {
    const folded = rewriteConditions(query, whole =>
      rewritePredicate(whole, { predicate: of => foldLeaf(columnsOfQuery(query), of) }),
    )
    const isTrue = (of: Predicate | null): boolean => of?.kind === 'literal' && of.value === true
    return {
      ...folded,
      where: isTrue(folded.where) ? null : folded.where,
      having: isTrue(folded.having) ? null : folded.having,
    }
  },
}
