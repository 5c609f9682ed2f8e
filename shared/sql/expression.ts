/**
 * Row expressions and conditions, typed and bound to columns: plain JSON, so that a plan has one digest. Integers are
 * decimal texts; a number stands for value / 10^scale, a date for days, a category for its place in the list.
 *
 * In HAVING the same forms speak about groups: a column is then a key, or an aggregate under its own text.
 */
import { formatDate, formatScaled } from '../data/exact.ts'
import { type Column, scaleOf as columnScale } from '../data/schema.ts'

export type ValueType = 'number' | 'date' | 'boolean' | 'category' | 'text' | 'grams'

export type ColumnReference = {
  readonly kind: 'column'
  readonly column: string
  readonly type: ValueType
  readonly scale: number
}

export type Constant = {
  readonly kind: 'constant'
  readonly type: ValueType
  readonly value: string
  readonly scale: number
  /** How the query wrote a category, for people. */
  readonly text?: string
}

export type Expression =
  | ColumnReference
  | Constant
  | { readonly kind: 'null' }
  | { readonly kind: 'negate'; readonly of: Expression }
  | {
      readonly kind: 'add' | 'subtract' | 'multiply'
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'case'
      readonly branches: readonly { readonly when: Predicate; readonly value: Expression }[]
      readonly otherwise: Expression
    }
  /** Only in formulas, which the recipient computes. Zero divided by zero, or anything by zero, is NULL. */
  | { readonly kind: 'divide'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'sqrt'; readonly of: Expression }
  | AggregateCall

/** Only in HAVING before lowering, in the list of aggregates, and in formulas. */
export type AggregateCall =
  | { readonly kind: 'count-star' }
  | {
      readonly kind: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'count-distinct'
      readonly of: Expression
    }
  /**
   * The value at fraction `numerator` / 10^digits of the ordered values: one of them, or between two of them in the
   * exact proportion, which has `digits` more decimals.
   */
  | {
      readonly kind: 'percentile'
      readonly of: Expression
      readonly numerator: number
      readonly digits: number
      readonly continuous: boolean
    }

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

/** A condition is true, false or unknown (SQL's three values). */
export type Predicate =
  | { readonly kind: 'literal'; readonly value: boolean | null }
  | {
      readonly kind: 'compare'
      readonly comparison: Comparison
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'between'
      readonly of: Expression
      readonly low: Expression
      readonly high: Expression
      readonly negated: boolean
    }
  | {
      readonly kind: 'in'
      readonly of: Expression
      readonly list: readonly Expression[]
      readonly negated: boolean
    }
  | { readonly kind: 'is-null'; readonly of: Expression; readonly negated: boolean }
  /** A boolean column as a condition. */
  | { readonly kind: 'truth'; readonly of: ColumnReference; readonly negated: boolean }
  /** Sets of bigrams with a Dice coefficient of at least so many hundredths. */
  | {
      readonly kind: 'similar'
      readonly left: ColumnReference
      readonly right: ColumnReference | Constant
      readonly hundredths: number
      readonly negated: boolean
    }
  /** `of` IS TRUE / IS FALSE / IS UNKNOWN: never unknown itself. */
  | {
      readonly kind: 'is'
      readonly of: Predicate
      readonly value: boolean | null
      readonly negated: boolean
    }
  | { readonly kind: 'not'; readonly of: Predicate }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Predicate[] }

export const constant = (value: bigint, scale = 0, type: ValueType = 'number', text?: string): Constant => ({
  kind: 'constant',
  type,
  value: value.toString(),
  scale,
  ...(text !== undefined && { text }),
})

export const literal = (value: boolean | null): Predicate => ({ kind: 'literal', value })

const AGGREGATES: ReadonlySet<string> = new Set([
  'count-star',
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'count-distinct',
  'percentile',
])

const valueTypeOf = ({ type }: Column): ValueType =>
  type.kind === 'integer' || type.kind === 'decimal' ? 'number' : type.kind

export const referenceTo = (column: Column): ColumnReference => ({
  kind: 'column',
  column: column.name,
  type: valueTypeOf(column),
  scale: columnScale(column.type),
})

export const isAggregate = (of: Expression): of is AggregateCall => AGGREGATES.has(of.kind)

/** Decimals of a quotient beyond those of its operands, rounded half away from zero. */
const QUOTIENT_DIGITS = 6

/** The type of an expression; NULL alone has none. */
export const typeOf = (of: Expression): ValueType | undefined => {
  switch (of.kind) {
    case 'column':
    case 'constant':
      return of.type
    case 'null':
      return undefined
    case 'add': {
      return typeOf(of.left) === 'date' || typeOf(of.right) === 'date' ? 'date' : 'number'
    }
    case 'subtract':
      return typeOf(of.left) === 'date' && typeOf(of.right) !== 'date' ? 'date' : 'number'
    case 'case':
      return [...of.branches.map(branch => branch.value), of.otherwise]
        .map(typeOf)
        .find(type => type !== undefined)
    case 'min':
    case 'max':
    case 'percentile':
      return typeOf(of.of)
    default:
      return 'number'
  }
}

/** Decimal digits behind the point of the integer that stands for the expression. AVG has no fixed number of them. */
export const scaleOf = (of: Expression): number => {
  switch (of.kind) {
    case 'column':
    case 'constant':
      return of.scale
    case 'negate':
    case 'sum':
    case 'avg':
    case 'min':
    case 'max':
      return scaleOf(of.of)
    case 'percentile':
      return scaleOf(of.of) + (of.continuous ? of.digits : 0)
    case 'divide':
      return Math.max(scaleOf(of.left), scaleOf(of.right)) + QUOTIENT_DIGITS
    case 'sqrt':
      return Math.max(scaleOf(of.of), QUOTIENT_DIGITS)
    case 'add':
    case 'subtract':
      return Math.max(scaleOf(of.left), scaleOf(of.right))
    case 'multiply':
      return scaleOf(of.left) + scaleOf(of.right)
    case 'case':
      return Math.max(...of.branches.map(branch => scaleOf(branch.value)), scaleOf(of.otherwise))
    default:
      return 0
  }
}

const childrenOf = (of: Expression): readonly Expression[] => {
  switch (of.kind) {
    case 'negate':
    case 'sqrt':
    case 'count':
    case 'sum':
    case 'avg':
    case 'min':
    case 'max':
    case 'count-distinct':
    case 'percentile':
      return [of.of]
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
      return [of.left, of.right]
    case 'case':
      return [...of.branches.map(branch => branch.value), of.otherwise]
    default:
      return []
  }
}

const expressionsOf = (of: Predicate): readonly Expression[] => {
  switch (of.kind) {
    case 'literal':
      return []
    case 'compare':
    case 'similar':
      return [of.left, of.right]
    case 'between':
      return [of.of, of.low, of.high]
    case 'in':
      return [of.of, ...of.list]
    case 'is-null':
    case 'truth':
      return [of.of]
    case 'is':
    case 'not':
      return expressionsOf(of.of)
    case 'and':
    case 'or':
      return of.of.flatMap(expressionsOf)
  }
}

/** The expression and everything below it, the conditions of CASE included. */
export const walk = (of: Expression): readonly Expression[] => [
  of,
  ...childrenOf(of).flatMap(walk),
  ...(of.kind === 'case' ? of.branches.flatMap(branch => walkPredicate(branch.when)) : []),
]

export const walkPredicate = (of: Predicate): readonly Expression[] => expressionsOf(of).flatMap(walk)

export const columnsOf = (expressions: readonly Expression[]): ReadonlySet<string> =>
  new Set(expressions.flatMap(of => (of.kind === 'column' ? [of.column] : [])))

// ── for people ──────────────────────────────────────────────────────────────────────────────────────────────────────

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

const showConstant = (of: Constant): string => {
  switch (of.type) {
    case 'number':
      return formatScaled(BigInt(of.value), of.scale)
    case 'date':
      return `DATE '${formatDate(BigInt(of.value))}'`
    case 'boolean':
      return of.value === '1' ? 'TRUE' : 'FALSE'
    case 'category':
    case 'text':
    case 'grams':
      return quote(of.text ?? of.value)
  }
}

const strength = (of: Expression): number =>
  of.kind === 'add' || of.kind === 'subtract'
    ? 1
    : of.kind === 'multiply' || of.kind === 'divide'
      ? 2
      : of.kind === 'negate'
        ? 3
        : 4

/** SQL text of an expression: also its identity, since equal texts mean equal expressions. */
export const show = (of: Expression): string => {
  const inner = (child: Expression, least: number): string =>
    strength(child) < least ? `(${show(child)})` : show(child)
  switch (of.kind) {
    case 'column':
      return of.column
    case 'constant':
      return showConstant(of)
    case 'null':
      return 'NULL'
    case 'negate':
      return `-${inner(of.of, 4)}`
    case 'add':
      return `${inner(of.left, 1)} + ${inner(of.right, 2)}`
    case 'subtract':
      return `${inner(of.left, 1)} - ${inner(of.right, 2)}`
    case 'multiply':
      return `${inner(of.left, 2)} * ${inner(of.right, 3)}`
    case 'case':
      return `CASE ${of.branches.map(branch => `WHEN ${showPredicate(branch.when)} THEN ${show(branch.value)}`).join(' ')} ELSE ${show(of.otherwise)} END`
    case 'divide':
      return `${inner(of.left, 2)} / ${inner(of.right, 3)}`
    case 'sqrt':
      return `SQRT(${show(of.of)})`
    case 'count-star':
      return 'COUNT(*)'
    case 'count-distinct':
      return `COUNT(DISTINCT ${show(of.of)})`
    case 'percentile':
      return `PERCENTILE_${of.continuous ? 'CONT' : 'DISC'}(${formatScaled(BigInt(of.numerator), of.digits)}) WITHIN GROUP (ORDER BY ${show(of.of)})`
    case 'count':
    case 'sum':
    case 'avg':
    case 'min':
    case 'max':
      return `${of.kind.toUpperCase()}(${show(of.of)})`
  }
}

export const showPredicate = (of: Predicate): string => {
  const not = (negated: boolean): string => (negated ? 'NOT ' : '')
  const inner = (child: Predicate): string =>
    child.kind === 'and' || child.kind === 'or' || child.kind === 'not'
      ? `(${showPredicate(child)})`
      : showPredicate(child)
  switch (of.kind) {
    case 'literal':
      return of.value === null ? 'UNKNOWN' : of.value ? 'TRUE' : 'FALSE'
    case 'compare':
      return `${show(of.left)} ${of.comparison} ${show(of.right)}`
    case 'similar':
      return `SIMILARITY(${show(of.left)}, ${show(of.right)}) ${of.negated ? '<' : '>='} ${formatScaled(BigInt(of.hundredths), 2)}`
    case 'between':
      return `${show(of.of)} ${not(of.negated)}BETWEEN ${show(of.low)} AND ${show(of.high)}`
    case 'in':
      return `${show(of.of)} ${not(of.negated)}IN (${of.list.map(show).join(', ')})`
    case 'is-null':
      return `${show(of.of)} IS ${not(of.negated)}NULL`
    case 'truth':
      return `${not(of.negated)}${show(of.of)}`
    case 'is':
      return `${of.of.kind === 'truth' && !of.of.negated ? showPredicate(of.of) : `(${showPredicate(of.of)})`} IS ${not(of.negated)}${of.value === null ? 'UNKNOWN' : of.value ? 'TRUE' : 'FALSE'}`
    case 'not':
      return `NOT ${inner(of.of)}`
    case 'and':
      return of.of.map(inner).join(' AND ')
    case 'or':
      return of.of.map(inner).join(' OR ')
  }
}
