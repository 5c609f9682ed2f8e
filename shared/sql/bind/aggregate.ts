/** Aggregates over expressions of one row. What has to be ordered is made a column first. */
import type { FuncCall, Node } from 'libpg-query'
import { type AggregateCall, constant, type Expression, typeOf } from '../expression.ts'
import { parseNumber } from '../literal.ts'
import type { Binder, Place } from './binder.ts'
import { statisticNamed } from './statistics.ts'
import { functionName, get, type NodeOf } from './syntax.ts'

const inAggregate: Place = { clause: 'an aggregate', use: 'aggregate' }
const FUNCTIONS =
  'The functions are COUNT, SUM, AVG, MIN, MAX, MEDIAN, PERCENTILE_CONT, PERCENTILE_DISC, QUANTILE_CONT, QUANTILE_DISC, VAR_POP, VAR_SAMP, STDDEV_POP, STDDEV_SAMP, COVAR_POP, COVAR_SAMP, CORR and REGR_….'

const PERCENTILES: Readonly<Record<string, boolean>> = {
  percentile_cont: true,
  percentile_disc: false,
  quantile_cont: true,
  quantile_disc: false,
}
/** Decimals of a fraction: each makes the exact result one digit longer. */
const FRACTION_DIGITS_MAX = 4

/** An aggregate, or a formula of several. */
export const bindAggregate = (binder: Binder, of: FuncCall, node: Node): Expression => {
  const name = functionName(of)
  const upper = name.toUpperCase()
  const statistic = statisticNamed(name)
  const isKnown =
    statistic !== undefined ||
    PERCENTILES[name] !== undefined ||
    ['count', 'sum', 'avg', 'min', 'max', 'median'].includes(name)
  if (!isKnown) binder.unsupported(`The function ${upper}`, node, FUNCTIONS)
  if (of.over !== undefined) binder.unsupported(`A window function (${upper} … OVER)`, node)
  if (of.agg_distinct && name !== 'count' && name !== 'min' && name !== 'max')
    binder.unsupported(`${upper}(DISTINCT …)`, node)
  if (of.agg_order !== undefined && !of.agg_within_group)
    binder.unsupported('ORDER BY inside an aggregate', node)
  if (of.agg_within_group && !name.startsWith('percentile_')) binder.unsupported('WITHIN GROUP', node)
  if (of.func_variadic) binder.unsupported('VARIADIC', node)
  const keeping = of.agg_filter === undefined ? undefined : filterOf(binder, of.agg_filter)
  if (of.agg_star) {
    if (name !== 'count') binder.fail(`${upper}(*) has no meaning.`, node)
    return keeping === undefined ? { kind: 'count-star' } : { kind: 'count', of: keeping(constant(1n)) }
  }
  if (name === 'median') {
    const [value] = argumentsOf(binder, of, upper, 1, node)
    return percentile(binder, { value: value as Expression, keeping }, 5, 1, true, node)
  }
  const continuous = PERCENTILES[name]
  if (continuous !== undefined) {
    const [value, fraction] = fractionOf(binder, of, upper, node)
    const { numerator, digits } = fraction
    return percentile(binder, { value, keeping }, numerator, digits, continuous, node)
  }
  const given = argumentsOf(binder, of, upper, statistic?.arguments ?? 1, node)
  const type = typeOf(given[0] as Expression)
  const isOrdered = name === 'min' || name === 'max'
  for (const one of given) {
    const kind = typeOf(one)
    const fits = kind === undefined || kind === 'number' || name === 'count' || (isOrdered && kind === 'date')
    if (!fits)
      binder.fail(
        `${upper} of a ${kind} has no meaning.`,
        node,
        kind === 'boolean'
          ? `Write ${upper}(CASE WHEN condition THEN 1 ELSE 0 END).`
          : `${upper} takes numbers${isOrdered ? ' and dates' : ''}.`,
      )
  }
  if (isOrdered && type === undefined) binder.fail(`${upper} of NULL has no meaning.`, node)
  // The words that a filter keeps would have to become elements of F_p and bits again, and 60 bits do not fit.
  if (of.agg_distinct && type === 'text' && keeping !== undefined)
    binder.unsupported(
      `${upper}(DISTINCT …) FILTER of a text`,
      node,
      'Put the condition into WHERE, or count the rows of an inner query.',
    )
  const kept = keeping === undefined ? given : given.map(keeping)
  if (statistic !== undefined) return statistic.of(...kept)
  const [bound] = kept as [Expression]
  if (isOrdered) return { kind: name, of: binder.compute(bound, node) }
  if (of.agg_distinct) return { kind: 'count-distinct', of: binder.compute(bound, node) }
  return { kind: name as 'count' | 'sum' | 'avg', of: bound }
}

/**
 * FILTER (WHERE condition) as CASE WHEN condition THEN value END: a row where the condition is false or unknown is NULL to
 * the aggregate, so it is no contributor, and the minimum group size asks for rows that the condition keeps.
 */
const filterOf = (binder: Binder, condition: Node): ((value: Expression) => Expression) => {
  const when = binder.predicate(condition, { ...inAggregate, use: 'filter' })
  return value => ({ kind: 'case', branches: [{ when, value }], otherwise: { kind: 'null' } })
}

const argumentsOf = (
  binder: Binder,
  of: FuncCall,
  upper: string,
  count: 1 | 2,
  node: Node,
): readonly Expression[] => {
  const given = of.args ?? []
  if (given.length !== count)
    binder.fail(`${upper} takes ${count === 1 ? 'one argument' : 'two arguments'}.`, node)
  return given.map(one => binder.expression(one, inAggregate))
}

interface Fraction {
  readonly numerator: number
  readonly digits: number
}

/** QUANTILE_CONT(x, f), or PERCENTILE_CONT(f) WITHIN GROUP (ORDER BY x). */
const fractionOf = (
  binder: Binder,
  of: FuncCall,
  upper: string,
  node: Node,
): readonly [Expression, Fraction] => {
  const given = of.args ?? []
  if (upper.startsWith('QUANTILE')) {
    if (given.length !== 2) binder.fail(`${upper} takes a column and a fraction.`, node)
    return [binder.expression(given[0] as Node, inAggregate), readFraction(binder, given[1] as Node)]
  }
  const [order, another] = of.agg_order ?? []
  if (!of.agg_within_group || given.length !== 1 || order === undefined || another !== undefined)
    return binder.fail(
      `${upper} takes a fraction and an order.`,
      node,
      `Write ${upper}(0.9) WITHIN GROUP (ORDER BY x).`,
    )
  const sort = get(order, 'SortBy') as NodeOf<'SortBy'>
  const fraction = readFraction(binder, given[0] as Node)
  if (sort.sortby_dir !== 'SORTBY_DESC') return [binder.expression(sort.node as Node, inAggregate), fraction]
  return binder.unsupported(`${upper} in descending order`, node, 'Take one minus the fraction, ascending.')
}

const readFraction = (binder: Binder, node: Node): Fraction => {
  const value = get(node, 'A_Const')
  const number = parseNumber(
    value?.fval?.fval ?? (value?.ival === undefined ? 'no number' : String(value.ival.ival ?? 0)),
  )
  const digits = Math.max(1, number?.scale ?? 0)
  const numerator = number === undefined ? -1 : Number(number.value * 10n ** BigInt(digits - number.scale))
  if (numerator < 0 || numerator > 10 ** digits || digits > FRACTION_DIGITS_MAX)
    return binder.fail(
      `A fraction is a number from 0 to 1 with at most ${FRACTION_DIGITS_MAX} decimals, written out.`,
      node,
    )
  return { numerator, digits }
}

const percentile = (
  binder: Binder,
  {
    value,
    keeping,
  }: {
    readonly value: Expression
    readonly keeping: ((value: Expression) => Expression) | undefined
  },
  numerator: number,
  digits: number,
  continuous: boolean,
  node: Node,
): AggregateCall => {
  const type = typeOf(value)
  if (type !== 'number' && (continuous || type !== 'date'))
    return binder.fail(`A percentile of a ${type ?? 'NULL'} has no meaning.`, node, 'It takes numbers.')
  const of = binder.compute(keeping?.(value) ?? value, node)
  return { kind: 'percentile', of, numerator, digits, continuous }
}
