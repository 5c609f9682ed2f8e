/** Conditions on rows or groups, in the three values of SQL. */
import type { A_Expr, Node } from 'libpg-query'
import {
  type Comparison,
  constant,
  type Expression,
  isAggregate,
  literal,
  type Predicate,
  typeOf,
  walk,
} from '../expression.ts'
import { overOne } from '../quotient.ts'
import type { Binder, Place } from './binder.ts'
import { refusedOperator } from './construct-name.ts'
import { likeValues } from './scalar.ts'
import { bindSimilarity, isSimilarity } from './similarity.ts'
import { ARITHMETIC, COMPARISONS, get, isCondition, nameOf } from './syntax.ts'

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

export const bindPredicate = (binder: Binder, node: Node, place: Place): Predicate => {
  if ('BoolExpr' in node) {
    const parts = (node.BoolExpr.args ?? []).map(part => binder.predicate(part, place))
    if (node.BoolExpr.boolop === 'NOT_EXPR') return { kind: 'not', of: parts[0] as Predicate }
    return { kind: node.BoolExpr.boolop === 'AND_EXPR' ? 'and' : 'or', of: parts }
  }
  if ('A_Expr' in node) {
    const of = node.A_Expr
    if (of.kind === 'AEXPR_LIKE' || of.kind === 'AEXPR_ILIKE') return bindLike(binder, of, node, place)
    const named = refusedOperator(of.kind)
    if (named !== undefined) return binder.unsupported(named, of.location ?? node)
    if (of.kind === 'AEXPR_BETWEEN' || of.kind === 'AEXPR_NOT_BETWEEN')
      return bindBetween(binder, of, node, place, of.kind === 'AEXPR_NOT_BETWEEN')
    if (of.kind === 'AEXPR_IN') return bindIn(binder, of, place)
    if (isSimilarity(of)) return bindSimilarity(binder, of, place)
    const operator = nameOf(of.name).at(-1) as string
    if (COMPARISONS.has(operator) && of.lexpr !== undefined && of.rexpr !== undefined)
      return bindComparison(binder, operator as Comparison, of.lexpr, of.rexpr, of.location ?? node, place)
    if (ARITHMETIC[operator] === undefined)
      return binder.unsupported(
        `The operator ${operator}`,
        of.location ?? node,
        'Comparisons: = <> < <= > >=.',
      )
    return binder.fail('A condition is expected here.', node, 'Compare the value with something.')
  }
  if ('NullTest' in node) {
    const negated = node.NullTest.nulltesttype === 'IS_NOT_NULL'
    const argument = node.NullTest.arg as Node
    if (isCondition(argument))
      return { kind: 'is', of: binder.predicate(argument, place), value: null, negated }
    const of = binder.expression(argument, place)
    if (isAggregate(of))
      binder.unsupported(
        'IS NULL on an aggregate',
        node,
        'An aggregate that is not shown is unknown in HAVING.',
      )
    return { kind: 'is-null', of, negated }
  }
  if ('BooleanTest' in node) {
    const test = node.BooleanTest.booltesttype ?? ''
    return {
      kind: 'is',
      of: binder.predicate(node.BooleanTest.arg as Node, place),
      value: test.endsWith('UNKNOWN') ? null : test.endsWith('TRUE'),
      negated: test.startsWith('IS_NOT'),
    }
  }
  if ('A_Const' in node && node.A_Const.boolval !== undefined)
    return literal(node.A_Const.boolval.boolval === true)
  if ('A_Const' in node && node.A_Const.isnull) return literal(null)
  const value = binder.expression(node, place)
  if (value.kind !== 'column' || value.type !== 'boolean')
    return binder.fail('A condition is expected here.', node, 'Write a comparison, or a boolean column.')
  return { kind: 'truth', of: value, negated: false }
}

/** Only over categories, whose values are public: a list of those that match. */
const bindLike = (binder: Binder, of: A_Expr, node: Node, place: Place): Predicate => {
  const operand = binder.expression(of.lexpr as Node, place)
  const pattern = get(of.rexpr, 'A_Const')?.sval?.sval
  const type = operand.kind === 'column' ? binder.columns.get(operand.column)?.type : undefined
  if (type?.kind !== 'category' || pattern === undefined)
    return binder.unsupported('LIKE on anything but a category and a text', of.location ?? node)
  const places = likeValues(pattern, type.values, of.kind === 'AEXPR_ILIKE')
  const negated = (nameOf(of.name).at(-1) ?? '').startsWith('!')
  const list = places.map(one => constant(BigInt(one), 0, 'category', type.values[one]))
  // Of no values or all of them, only NULL is left to tell.
  if (list.length === 0)
    return binder.fail(`No value of "${(operand as { column: string }).column}" is like '${pattern}'.`, node)
  return { kind: 'in', of: operand, list, negated }
}

export const bindComparison = (
  binder: Binder,
  comparison: Comparison,
  leftNode: Node,
  rightNode: Node,
  node: Node | number,
  place: Place,
): Predicate => {
  const [left, right] = bindSides(binder, leftNode, rightNode, place)
  checkComparable(binder, left, right, comparison, node)
  return compared(binder, comparison, left, right)
}

/** Without quotients: both sides are multiplied with what either is divided by, which is a count. */
const compared = (
  binder: Binder,
  comparison: Comparison,
  leftSide: Expression,
  rightSide: Expression,
): Predicate => {
  const quotients = new Set(binder.totals.values())
  const { left, right } = overOne(leftSide, rightSide, of =>
    of.kind === 'divide' && quotients.has(of) ? { numerator: of.left, denominators: [of.right] } : undefined,
  )
  // Constants stand on the right, so that rules need to look at one side.
  return left.kind === 'constant' && right.kind !== 'constant'
    ? { kind: 'compare', comparison: MIRRORED[comparison], left: right, right: left }
    : { kind: 'compare', comparison, left, right }
}

const bindBetween = (binder: Binder, of: A_Expr, node: Node, around: Place, negated: boolean): Predicate => {
  const [lowNode, highNode] = get(of.rexpr, 'List')?.items ?? []
  const place: Place = { ...around, quotients: true }
  const operand = binder.expression(of.lexpr as Node, place)
  const bounds = [lowNode, highNode].map(bound => binder.expression(bound as Node, place, operand))
  for (const bound of bounds) checkComparable(binder, operand, bound, '<=', of.location ?? node)
  if ([operand, ...bounds].some(side => walk(side).some(({ kind }) => kind === 'divide'))) {
    const [low, high] = bounds as [Expression, Expression]
    const both: Predicate = {
      kind: 'and',
      of: [compared(binder, '>=', operand, low), compared(binder, '<=', operand, high)],
    }
    return negated ? { kind: 'not', of: both } : both
  }
  return {
    kind: 'between',
    of: operand,
    low: bounds[0] as Expression,
    high: bounds[1] as Expression,
    negated,
  }
}

const bindIn = (binder: Binder, of: A_Expr, place: Place): Predicate => {
  const operand = binder.expression(of.lexpr as Node, place)
  const list = (get(of.rexpr, 'List')?.items ?? []).map(item => {
    const bound = binder.expression(item, place, operand)
    checkComparable(binder, operand, bound, '=', item)
    return bound
  })
  return { kind: 'in', of: operand, list, negated: nameOf(of.name).at(-1) === '<>' }
}

/** Both sides of a comparison; the side that is a bare text takes its type from the other. */
const bindSides = (
  binder: Binder,
  leftNode: Node,
  rightNode: Node,
  around: Place,
): readonly [Expression, Expression] => {
  const place: Place = { ...around, quotients: true }
  const isText = (node: Node): boolean => 'A_Const' in node && node.A_Const.sval !== undefined
  if (isText(leftNode) && !isText(rightNode)) {
    const right = binder.expression(rightNode, place)
    return [binder.expression(leftNode, place, right), right]
  }
  const left = binder.expression(leftNode, place)
  return [left, binder.expression(rightNode, place, left)]
}

const checkComparable = (
  binder: Binder,
  left: Expression,
  right: Expression,
  comparison: string,
  node: Node | number,
): void => {
  const [a, b] = [typeOf(left), typeOf(right)]
  if (a === undefined || b === undefined) return
  if (a !== b)
    binder.fail(`A ${a} is compared with a ${b}.`, node, 'Both sides of a comparison have one type.')
  if (a === 'grams')
    binder.fail('Bigrams are compared by SIMILARITY.', node, 'Write SIMILARITY(a, b) >= 0.8.')
  if (a !== 'number' && a !== 'date' && comparison !== '=' && comparison !== '<>')
    binder.fail(
      `${{ category: 'Categories', boolean: 'Booleans', text: 'Texts' }[a]} have no order here: ${comparison} is refused.`,
      node,
      'Use = , <> or IN.',
    )
  if ((a === 'category' || a === 'text') && left.kind === 'column' && right.kind === 'column') {
    const types = [left, right].map(side => JSON.stringify(binder.columns.get(side.column)?.type))
    if (types[0] === types[1]) return
    if (a === 'text')
      binder.unsupported(
        'Comparing texts that are folded or keyed differently',
        node,
        'Owners agree on key, folds and sound in their schemas.',
      )
    binder.unsupported(
      'Comparing categories with different value lists',
      node,
      'Compare each column with literals.',
    )
  }
}
