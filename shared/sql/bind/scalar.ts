/** Functions of one row, each said as CASE over its arguments, so that everything behind binding knows only CASE. */
import type { FuncCall, Node } from 'libpg-query'
import { formatDate, parseDate } from '../../data/exact.ts'
import { rangeOf } from '../../data/schema.ts'
import { constant, type Expression, type Predicate, typeOf } from '../expression.ts'
import type { Binder, Place } from './binder.ts'
import { functionName, get } from './syntax.ts'

type Scalar = (binder: Binder, given: readonly Node[], node: Node, place: Place) => Expression

const isNull = (of: Expression, negated: boolean): Predicate => ({ kind: 'is-null', of, negated })
const when = (condition: Predicate, value: Expression, otherwise: Expression): Expression => ({
  kind: 'case',
  branches: [{ when: condition, value }],
  otherwise,
})

/** The first that is not NULL. */
export const coalesce: Scalar = (binder, given, node, place) => {
  const values = given.map(one => binder.expression(one, place))
  const types = new Set(values.map(typeOf).filter(type => type !== undefined))
  const [type] = types
  if (types.size !== 1 || (type !== 'number' && type !== 'date'))
    return binder.unsupported(
      `COALESCE of ${[...types].join(' and ') || 'NULL'}`,
      node,
      'It takes numbers, or dates.',
    )
  return values.reduceRight((rest, value) => when(isNull(value, true), value, rest))
}

const absolute: Scalar = (binder, [argument], node, place) => {
  const of = binder.expression(argument as Node, place)
  if (typeOf(of) !== 'number') return binder.fail('ABS takes a number.', node)
  return when({ kind: 'compare', comparison: '<', left: of, right: constant(0n) }, { kind: 'negate', of }, of)
}

export const nullIf: Scalar = (binder, [first, second], node, place) => {
  const of = binder.expression(first as Node, place)
  if (typeOf(of) !== 'number') return binder.unsupported('NULLIF of anything but numbers', node)
  return when(
    binder.comparison('=', first as Node, second as Node, node, { ...place, use: 'filter' }),
    { kind: 'null' },
    of,
  )
}

const FIELDS: Readonly<Record<string, (month: number, year: number) => number>> = {
  year: (_, year) => year,
  quarter: month => Math.ceil(month / 3),
  month: month => month,
}

/** Years and months that a column's bounds hold: more make a plan that compares with every one of them. */
const MONTHS_MAX = 240

/** EXTRACT of a date column: a comparison with the first day of every later month, or year. */
const extract: Scalar = (binder, [fieldNode, argument], node, place) => {
  const name = (get(fieldNode, 'A_Const')?.sval?.sval ?? '').toLowerCase()
  const field = FIELDS[name]
  if (field === undefined)
    return binder.unsupported(
      `EXTRACT of ${name.toUpperCase() || 'this'}`,
      node,
      'It takes YEAR, QUARTER or MONTH.',
    )
  const of = binder.expression(argument as Node, place)
  const column = of.kind === 'column' ? binder.columns.get(of.column) : undefined
  if (column?.type.kind !== 'date') return binder.fail('EXTRACT takes a date column.', node)
  binder.checkUse(column, place.use, node)
  const { low, high } = rangeOf(column.type)
  const [firstYear, firstMonth] = formatDate(low).split('-').map(Number) as [number, number]
  const months: { readonly start: bigint; readonly value: number }[] = []
  for (let at = 12 * firstYear + firstMonth - 1; ; at++) {
    const [year, month] = [Math.floor(at / 12), (at % 12) + 1]
    const start = parseDate(`${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-01`)
    if (start === undefined || start > high) break
    const value = field(month, year)
    if (months.at(-1)?.value !== value) months.push({ start, value })
  }
  if (months.length > MONTHS_MAX)
    return binder.unsupported(
      `EXTRACT over ${months.length} periods`,
      node,
      'Tighter bounds of the date column make it fit.',
    )
  const [first, ...later] = months as [(typeof months)[0], ...typeof months]
  const value = constant(BigInt(first.value))
  const known: Expression = {
    kind: 'case',
    branches: later.toReversed().map(({ start, value: number }) => ({
      when: { kind: 'compare', comparison: '>=', left: of, right: constant(start, 0, 'date') } as const,
      value: constant(BigInt(number)),
    })),
    otherwise: value,
  }
  const result = later.length === 0 ? value : known
  return column.nullable ? when(isNull(of, true), result, { kind: 'null' }) : result
}

const SCALARS: Readonly<Record<string, { readonly arguments: number; readonly of: Scalar }>> = {
  abs: { arguments: 1, of: absolute },
  extract: { arguments: 2, of: extract },
  date_part: { arguments: 2, of: extract },
}

export const isScalarCall = (of: FuncCall): boolean => SCALARS[functionName(of)] !== undefined

/** undefined: no function of one row. */
export const bindScalar = (
  binder: Binder,
  of: FuncCall,
  node: Node,
  place: Place,
): Expression | undefined => {
  const name = functionName(of)
  const scalar = SCALARS[name]
  if (scalar === undefined) return undefined
  const given = of.args ?? []
  if (of.agg_filter !== undefined || of.agg_distinct || of.over !== undefined)
    return binder.unsupported(`FILTER, DISTINCT or OVER with ${name.toUpperCase()}`, node)
  if (given.length !== scalar.arguments)
    return binder.fail(`${name.toUpperCase()} takes ${scalar.arguments} arguments.`, node)
  return scalar.of(binder, given, node, place)
}

/** LIKE on a category: the values of its public list that match, so it is decided before the run. */
export const likeValues = (
  pattern: string,
  values: readonly string[],
  ignoreCase: boolean,
): readonly number[] => {
  const fold = (text: string): readonly string[] => [...(ignoreCase ? text.toLowerCase() : text)]
  const signs = fold(pattern)
  return values.flatMap((value, place) => (isLike(signs, fold(value)) ? [place] : []))
}

/** Which ends of the text the signs so far can reach: time grows with pattern times text, whatever they are. */
const isLike = (pattern: readonly string[], text: readonly string[]): boolean => {
  let reached = [true, ...text.map(() => false)]
  for (const sign of pattern) {
    if (sign === '%') {
      const from = reached.indexOf(true)
      reached = reached.map((_, at) => from >= 0 && at >= from)
    } else
      reached = reached.map(
        (_, at) => at > 0 && reached[at - 1] === true && (sign === '_' || text[at - 1] === sign),
      )
  }
  return reached.at(-1) === true
}
