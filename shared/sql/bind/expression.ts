/** Values of a row or a group: columns, constants, arithmetic and CASE, each with its type checked. */
import type { A_Expr, ColumnRef, Node } from 'libpg-query'
import { type Expression, referenceTo, scaleOf, typeOf, walk } from '../expression.ts'
import { SUPPORTED } from '../parse.ts'
import type { Binder, Place } from './binder.ts'
import { constructName, refusedOperator } from './construct-name.ts'
import { bindCast, bindConstant } from './literal.ts'
import { bindScalar, coalesce, nullIf } from './scalar.ts'
import { ARITHMETIC, COMPARISONS, get, isCondition, type NodeOf, nameOf } from './syntax.ts'

export const bindExpression = (
  binder: Binder,
  node: Node,
  within: Place,
  context?: Expression,
): Expression => {
  const total = 'FuncCall' in node ? binder.totals.get(node.FuncCall) : undefined
  if (total !== undefined) return total
  const isSide = 'SubLink' in node || ('A_Expr' in node && node.A_Expr.kind === 'AEXPR_OP')
  const place = within.quotients && !isSide ? { ...within, quotients: false } : within
  if ('SubLink' in node && node.SubLink.subLinkType === 'EXPR_SUBLINK') return binder.scalar(node, place)
  if ('A_Const' in node) return bindConstant(binder, node.A_Const, node, context)
  if ('ColumnRef' in node) return resolveColumn(binder, node, place)
  if ('TypeCast' in node) return bindCast(binder, node.TypeCast, node)
  if ('CaseExpr' in node) return bindCase(binder, node.CaseExpr, node, place)
  if ('CoalesceExpr' in node) return coalesce(binder, node.CoalesceExpr.args ?? [], node, place)
  if ('A_Expr' in node && node.A_Expr.kind === 'AEXPR_NULLIF')
    return nullIf(binder, [node.A_Expr.lexpr as Node, node.A_Expr.rexpr as Node], node, place)
  if ('A_Expr' in node) {
    const named = refusedOperator(node.A_Expr.kind)
    if (named !== undefined) return binder.unsupported(named, node.A_Expr.location ?? node)
    if (node.A_Expr.kind === 'AEXPR_OP') return bindArithmetic(binder, node.A_Expr, node, place)
  }
  if ('FuncCall' in node && node.FuncCall.over !== undefined && place.clause === 'SELECT')
    return binder.window(node.FuncCall, node)
  if ('FuncCall' in node) {
    const scalar = bindScalar(binder, node.FuncCall, node, place)
    if (scalar !== undefined) return scalar
    const call = binder.aggregate(node.FuncCall, node)
    const isShown = place.clause === 'SELECT' && binder.isOutermost
    if (!isShown && walk(call).some(({ kind }) => kind === 'divide' || kind === 'sqrt'))
      binder.unsupported(
        `${nameOf(node.FuncCall.funcname).at(-1)?.toUpperCase()} anywhere but in what the query shows`,
        node,
        'The recipient divides; show SUM(x), SUM(x * x) and COUNT(x) instead.',
      )
    if (place.clause === 'HAVING' || place.clause === 'SELECT') return call
    return binder.fail(
      `An aggregate cannot stand in ${place.clause === 'WHERE' ? 'WHERE' : 'another aggregate'}.`,
      node,
      place.clause === 'WHERE' ? 'Put conditions on aggregates into HAVING.' : SUPPORTED,
    )
  }
  if (isCondition(node))
    return binder.unsupported('A condition as a value', node, 'Write CASE WHEN condition THEN 1 ELSE 0 END.')
  return binder.unsupported(constructName(node), node)
}

const resolveColumn = (binder: Binder, node: Node, place: Place): Expression => {
  const column = binder.columnOf(get(node, 'ColumnRef') as ColumnRef, node)
  if (place.keys !== undefined && !place.keys.includes(column))
    binder.fail(
      `Column "${column.name}" must be a GROUP BY key or stand inside an aggregate.`,
      node,
      place.clause === 'HAVING'
        ? 'HAVING speaks about groups; put conditions on rows into WHERE.'
        : 'What a grouped query shows is of groups.',
    )
  binder.checkUse(column, place.use, node)
  return referenceTo(column)
}

const bindArithmetic = (binder: Binder, of: A_Expr, node: Node, place: Place): Expression => {
  const operator = nameOf(of.name).at(-1) as string
  const isQuotient = operator === '/' && place.clause === 'SELECT' && binder.isOutermost
  const kind = isQuotient ? 'divide' : ARITHMETIC[operator]
  if (kind === undefined)
    return binder.unsupported(
      COMPARISONS.has(operator) ? `A condition as a value (${operator})` : `The operator ${operator}`,
      of.location ?? node,
      COMPARISONS.has(operator)
        ? 'Write CASE WHEN condition THEN 1 ELSE 0 END.'
        : 'The operators are +, - and *; / only between totals, in what the query shows.',
    )
  const right = binder.expression(of.rexpr as Node, place)
  if (of.lexpr === undefined) {
    if (operator === '*') binder.fail('* needs two operands.', node)
    requireNumber(binder, right, of.rexpr as Node)
    return operator === '-' ? { kind: 'negate', of: right } : right
  }
  const left = binder.expression(of.lexpr, place)
  const types = [typeOf(left), typeOf(right)]
  if (types.includes('date') && kind !== 'divide') {
    const [a, b] = types
    const isDifference = kind === 'subtract' && a === 'date' && b === 'date'
    const days = a === 'date' ? right : left
    const isShift =
      (kind === 'add' || (kind === 'subtract' && a === 'date')) &&
      typeOf(days) === 'number' &&
      scaleOf(days) === 0
    if (!isDifference && !isShift)
      binder.fail(
        `These operands of ${operator} do not fit dates.`,
        of.location ?? node,
        'Dates: date - date, date + days, date - days.',
      )
  } else {
    requireNumber(binder, left, of.lexpr)
    requireNumber(binder, right, of.rexpr as Node)
  }
  return { kind, left, right }
}

const requireNumber = (binder: Binder, of: Expression, node: Node): void => {
  const type = typeOf(of)
  if (type !== 'number' && type !== undefined)
    binder.fail(`A ${type} is no number.`, node, 'Arithmetic takes numbers.')
}

const bindCase = (binder: Binder, of: NodeOf<'CaseExpr'>, node: Node, place: Place): Expression => {
  if (place.clause === 'HAVING') binder.unsupported('CASE in HAVING', node)
  const conditions: Place = { ...place, use: 'filter' }
  const branches = (of.args ?? []).map(arm => {
    const { expr, result } = get(arm, 'CaseWhen') as NodeOf<'CaseWhen'>
    return {
      when:
        of.arg === undefined
          ? binder.predicate(expr as Node, conditions)
          : binder.comparison('=', of.arg, expr as Node, arm, conditions),
      value: binder.expression(result as Node, place),
    }
  })
  const otherwise: Expression =
    of.defresult === undefined ? { kind: 'null' } : binder.expression(of.defresult, place)
  const types = new Set(
    [...branches.map(branch => branch.value), otherwise].map(typeOf).filter(type => type !== undefined),
  )
  if (types.size > 1)
    binder.fail(`The branches of CASE have different types (${[...types].join(', ')}).`, node)
  for (const type of types)
    if (type !== 'number' && type !== 'date')
      binder.unsupported(`CASE with ${type} results`, node, 'CASE gives numbers or dates.')
  return { kind: 'case', branches, otherwise }
}
