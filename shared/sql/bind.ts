/**
 * Syntax tree to logical plan: names become columns, literals take the type of what they meet, and every construct that
 * is not supported is refused by name and place.
 */
import type { A_Const, A_Expr, ColumnRef, FuncCall, Node, SelectStmt, TypeCast } from 'libpg-query'
import { InputError, Refusal } from '../base/errors.ts'
import { parseDate } from '../data/exact.ts'
import { type Column, scaleOf as columnScale, type TableSchema, type Use } from '../data/schema.ts'
import { didYouMean } from './close-match.ts'
import {
  type AggregateCall,
  type Comparison,
  type Constant,
  constant,
  type Expression,
  isAggregate,
  literal,
  type Predicate,
  scaleOf,
  show,
  typeOf,
  type ValueType,
} from './expression.ts'
import { parseNumber } from './literal.ts'
import { type ParsedQuery, SUPPORTED } from './parse.ts'
import type { Item, OrderBy, Query } from './query.ts'

type Unwrap<N, K extends string> = N extends { [key in K]: infer T } ? T : never
type NodeOf<K extends string> = Unwrap<Node, K>

/** Where an expression stands decides which columns it may name and for what. */
interface Place {
  readonly clause: 'WHERE' | 'HAVING' | 'an aggregate'
  readonly use: Use
}
const inWhere: Place = { clause: 'WHERE', use: 'filter' }
const inAggregate: Place = { clause: 'an aggregate', use: 'aggregate' }
const inHaving: Place = { clause: 'HAVING', use: 'group' }

const COMPARISONS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='])
const ARITHMETIC: Readonly<Record<string, 'add' | 'subtract' | 'multiply'>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
}
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

/** What people call the forms that we refuse. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  SubLink: 'A subquery',
  RangeSubselect: 'A subquery in FROM',
  JoinExpr: 'JOIN',
  RangeFunction: 'A function in FROM',
  RangeTableSample: 'TABLESAMPLE',
  RangeTableFunc: 'XMLTABLE',
  JsonTable: 'JSON_TABLE',
  CoalesceExpr: 'COALESCE',
  MinMaxExpr: 'GREATEST or LEAST',
  SQLValueFunction: 'A value of the moment such as CURRENT_DATE',
  ParamRef: 'A parameter',
  A_Indirection: 'A field or subscript',
  A_ArrayExpr: 'ARRAY',
  RowExpr: 'A row value',
  CollateClause: 'COLLATE',
  GroupingFunc: 'GROUPING',
  GroupingSet: 'GROUPING SETS, ROLLUP or CUBE',
  TypeCast: 'A cast',
  FuncCall: 'A function',
  XmlExpr: 'XML',
  CurrentOfExpr: 'CURRENT OF',
  SetToDefault: 'DEFAULT',
}

const A_EXPR: Readonly<Record<string, string>> = {
  AEXPR_LIKE: 'LIKE',
  AEXPR_ILIKE: 'ILIKE',
  AEXPR_SIMILAR: 'SIMILAR TO',
  AEXPR_OP_ANY: 'ANY',
  AEXPR_OP_ALL: 'ALL',
  AEXPR_DISTINCT: 'IS DISTINCT FROM',
  AEXPR_NOT_DISTINCT: 'IS NOT DISTINCT FROM',
  AEXPR_NULLIF: 'NULLIF',
  AEXPR_BETWEEN_SYM: 'BETWEEN SYMMETRIC',
  AEXPR_NOT_BETWEEN_SYM: 'NOT BETWEEN SYMMETRIC',
}

const kindOf = (node: Node): string => Object.keys(node)[0] as string
const get = <K extends string>(node: Node | undefined, kind: K): NodeOf<K> | undefined =>
  node === undefined ? undefined : (node as unknown as Record<string, NodeOf<K>>)[kind]

const nameOf = (nodes: readonly Node[] | undefined): readonly string[] =>
  (nodes ?? []).map(node => get(node, 'String')?.sval ?? '')

/** The least byte offset anywhere in a subtree; many forms carry none of their own. */
const locate = (value: unknown): number | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const own = (value as { location?: unknown }).location
  const found = Object.values(value)
    .map(locate)
    .filter(at => at !== undefined)
  if (typeof own === 'number' && own >= 0) found.push(own)
  return found.length > 0 ? Math.min(...found) : undefined
}

const columnType = (column: Column): ValueType =>
  column.type.kind === 'integer' || column.type.kind === 'decimal' ? 'number' : column.type.kind

export const bind = (parsed: ParsedQuery, schema: TableSchema): Query => {
  const { select } = parsed

  const fail = (message: string, at: Node | number | undefined, hint: string = SUPPORTED): never => {
    const location = typeof at === 'number' ? at : locate(at)
    throw new InputError(message, { hint, ...(location !== undefined && { where: parsed.where(location) }) })
  }
  const unsupported = (construct: string, at: Node | number | undefined, hint?: string): never =>
    fail(`${construct} is not supported.`, at, hint)

  refuseClauses(select, parsed, unsupported)

  // ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  const from = select.fromClause ?? []
  const range = get(from[0], 'RangeVar')
  if (from.length === 0) fail('The query has no FROM.', 0)
  if (from.length > 1) unsupported('A join (several tables in FROM)', from[1])
  if (range === undefined)
    return unsupported(CONSTRUCTS[kindOf(from[0] as Node)] ?? kindOf(from[0] as Node), from[0])
  const tableName = range.relname as string
  if (range.schemaname !== undefined || range.catalogname !== undefined)
    unsupported('A table name with a schema', from[0], `Write the table alone: ${schema.table}.`)
  if (tableName !== schema.table)
    fail(`There is no table "${tableName}".`, from[0], didYouMean(tableName, [schema.table]))
  if (range.inh !== true) unsupported('ONLY', from[0])
  if (range.alias?.colnames !== undefined) unsupported('Renaming columns in FROM', from[0])
  const qualifier = range.alias?.aliasname ?? tableName

  const columns = new Map(schema.columns.map(column => [column.name, column]))

  const columnNamed = (ref: ColumnRef, node: Node): string => {
    const fields = ref.fields ?? []
    if (fields.some(field => 'A_Star' in field))
      unsupported('SELECT *', node, 'Name the group keys and aggregates; single rows are never shown.')
    const names = nameOf(fields)
    if (names.length > 2) unsupported('A column name with a schema', node)
    if (names.length === 2 && names[0] !== qualifier)
      fail(`"${names[0]}" is not a table of this query.`, node, didYouMean(names[0] as string, [qualifier]))
    return names.at(-1) as string
  }

  const columnOf = (ref: ColumnRef, node: Node): Column => {
    const name = columnNamed(ref, node)
    const column = columns.get(name)
    if (column === undefined)
      return fail(
        `There is no column "${name}" in ${schema.table}.`,
        node,
        didYouMean(name, [...columns.keys()]),
      )
    return column
  }

  const checkUse = (column: Column, use: Use, node: Node): void => {
    if (column.uses.includes(use)) return
    const verb = use === 'aggregate' ? 'aggregate' : use === 'group' ? 'group by' : 'filter by'
    throw new Refusal(
      'column-use',
      `The owner does not allow to ${verb} column "${column.name}" (${parsed.where(locate(node) ?? 0)}).`,
      { hint: `Allowed: ${column.uses.length > 0 ? column.uses.join(', ') : 'nothing'}.` },
    )
  }

  const resolveColumn = (node: Node, place: Place): Expression => {
    const column = columnOf(get(node, 'ColumnRef') as ColumnRef, node)
    if (place.clause === 'HAVING' && !keys.includes(column))
      fail(
        `Column "${column.name}" must be a GROUP BY key or stand inside an aggregate.`,
        node,
        'HAVING speaks about groups; put conditions on rows into WHERE.',
      )
    checkUse(column, place.use, node)
    return { kind: 'column', column: column.name, type: columnType(column), scale: columnScale(column.type) }
  }

  // ── expressions ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** A text literal takes its meaning from what it is compared with. */
  const bindText = (text: string, node: Node, context: Expression | undefined): Constant => {
    const type = context === undefined ? undefined : typeOf(context)
    if (type === 'date') return bindDate(text, node)
    if (type === 'category' && context?.kind === 'column') {
      const declared = columns.get(context.column)?.type
      const values = declared?.kind === 'category' ? declared.values : []
      const place = values.indexOf(text)
      if (place < 0)
        fail(`Column "${context.column}" has no value '${text}'.`, node, didYouMean(text, values))
      return constant(BigInt(place), 0, 'category', text)
    }
    if (type === 'boolean') return fail(`A text is compared with a boolean.`, node, 'Write TRUE or FALSE.')
    return fail(
      type === 'number' ? 'A text is compared with a number.' : 'A text literal has no meaning here.',
      node,
      type === 'number'
        ? 'Write numbers without quotes.'
        : 'Texts are compared with a category or date column.',
    )
  }

  const bindDate = (text: string, node: Node): Constant => {
    const days = parseDate(text)
    if (days === undefined) return fail(`'${text}' is not a date.`, node, 'Write dates as YYYY-MM-DD.')
    return constant(days, 0, 'date')
  }

  const bindConstant = (of: A_Const, node: Node, context: Expression | undefined): Expression => {
    if (of.isnull) return { kind: 'null' }
    if (of.sval !== undefined) return bindText(of.sval.sval ?? '', node, context)
    if (of.boolval !== undefined) return constant(of.boolval.boolval ? 1n : 0n, 0, 'boolean')
    if (of.ival !== undefined) return constant(BigInt(of.ival.ival ?? 0))
    const number = of.fval === undefined ? undefined : parseNumber(of.fval.fval ?? '')
    if (number === undefined)
      return unsupported(of.fval === undefined ? 'A bit string' : `The number ${of.fval.fval}`, node)
    return constant(number.value, number.scale)
  }

  const bindCast = (of: TypeCast, node: Node): Expression => {
    const type = nameOf(of.typeName?.names).at(-1)
    const text = get(of.arg, 'A_Const')?.sval
    if (type === 'date' && text !== undefined && of.typeName?.arrayBounds === undefined)
      return bindDate(text.sval ?? '', node)
    return unsupported(
      `A cast to ${type?.toUpperCase()}`,
      node,
      `The only typed literal is DATE 'YYYY-MM-DD'.`,
    )
  }

  const bindAggregate = (of: FuncCall, node: Node): AggregateCall => {
    const name = nameOf(of.funcname).join('.')
    if (!['count', 'sum', 'avg'].includes(name))
      unsupported(`The function ${name.toUpperCase()}`, node, 'The functions are COUNT, SUM and AVG.')
    const upper = name.toUpperCase()
    if (of.over !== undefined) unsupported(`A window function (${upper} … OVER)`, node)
    if (of.agg_filter !== undefined)
      unsupported('FILTER', node, `Write ${upper}(CASE WHEN condition THEN x END) instead.`)
    if (of.agg_distinct) unsupported(`${upper}(DISTINCT …)`, node)
    if (of.agg_order !== undefined) unsupported('ORDER BY inside an aggregate', node)
    if (of.agg_within_group) unsupported('WITHIN GROUP', node)
    if (of.func_variadic) unsupported('VARIADIC', node)
    if (of.agg_star) {
      if (name !== 'count') fail(`${upper}(*) has no meaning.`, node)
      return { kind: 'count-star' }
    }
    const [argument, second] = of.args ?? []
    if (argument === undefined || second !== undefined) return fail(`${upper} takes one argument.`, node)
    const bound = bindExpression(argument, inAggregate)
    const type = typeOf(bound)
    if (name !== 'count' && type !== 'number' && type !== undefined)
      fail(
        `${upper} of a ${type} has no meaning.`,
        node,
        type === 'boolean'
          ? `Write ${upper}(CASE WHEN condition THEN 1 ELSE 0 END).`
          : `${upper} takes numbers.`,
      )
    return { kind: name as 'count' | 'sum' | 'avg', of: bound }
  }

  const bindArithmetic = (of: A_Expr, node: Node, place: Place): Expression => {
    const operator = nameOf(of.name).at(-1) as string
    const kind = ARITHMETIC[operator]
    if (kind === undefined)
      return unsupported(
        COMPARISONS.has(operator) ? `A condition as a value (${operator})` : `The operator ${operator}`,
        of.location ?? node,
        COMPARISONS.has(operator)
          ? 'Write CASE WHEN condition THEN 1 ELSE 0 END.'
          : 'The operators are +, - and *.',
      )
    const right = bindExpression(of.rexpr as Node, place)
    if (of.lexpr === undefined) {
      if (operator === '*') fail('* needs two operands.', node)
      requireNumber(right, of.rexpr as Node)
      return operator === '-' ? { kind: 'negate', of: right } : right
    }
    const left = bindExpression(of.lexpr, place)
    const types = [typeOf(left), typeOf(right)]
    if (types.includes('date')) {
      const [a, b] = types
      const isDifference = kind === 'subtract' && a === 'date' && b === 'date'
      const days = a === 'date' ? right : left
      const isShift =
        (kind === 'add' || (kind === 'subtract' && a === 'date')) &&
        typeOf(days) === 'number' &&
        scaleOf(days) === 0
      if (!isDifference && !isShift)
        fail(
          `These operands of ${operator} do not fit dates.`,
          of.location ?? node,
          'Dates: date - date, date + days, date - days.',
        )
    } else {
      requireNumber(left, of.lexpr)
      requireNumber(right, of.rexpr as Node)
    }
    return { kind, left, right }
  }

  const requireNumber = (of: Expression, node: Node): void => {
    const type = typeOf(of)
    if (type !== 'number' && type !== undefined)
      fail(`A ${type} is no number.`, node, 'Arithmetic takes numbers.')
  }

  const bindCase = (of: NodeOf<'CaseExpr'>, node: Node, place: Place): Expression => {
    if (place.clause === 'HAVING') unsupported('CASE in HAVING', node)
    const conditions: Place = { ...place, use: 'filter' }
    const branches = (of.args ?? []).map(arm => {
      const { expr, result } = get(arm, 'CaseWhen') as NodeOf<'CaseWhen'>
      return {
        when:
          of.arg === undefined
            ? bindPredicate(expr as Node, conditions)
            : bindComparison('=', of.arg, expr as Node, arm, conditions),
        value: bindExpression(result as Node, place),
      }
    })
    const otherwise: Expression =
      of.defresult === undefined ? { kind: 'null' } : bindExpression(of.defresult, place)
    const types = new Set(
      [...branches.map(branch => branch.value), otherwise].map(typeOf).filter(type => type !== undefined),
    )
    if (types.size > 1) fail(`The branches of CASE have different types (${[...types].join(', ')}).`, node)
    for (const type of types)
      if (type !== 'number' && type !== 'date')
        unsupported(`CASE with ${type} results`, node, 'CASE gives numbers or dates.')
    return { kind: 'case', branches, otherwise }
  }

  const bindExpression = (node: Node, place: Place, context?: Expression): Expression => {
    if ('A_Const' in node) return bindConstant(node.A_Const, node, context)
    if ('ColumnRef' in node) return resolveColumn(node, place)
    if ('TypeCast' in node) return bindCast(node.TypeCast, node)
    if ('CaseExpr' in node) return bindCase(node.CaseExpr, node, place)
    if ('A_Expr' in node) {
      const named = A_EXPR[node.A_Expr.kind ?? '']
      if (named !== undefined) return unsupported(named, node.A_Expr.location ?? node)
      if (node.A_Expr.kind === 'AEXPR_OP') return bindArithmetic(node.A_Expr, node, place)
    }
    if ('FuncCall' in node) {
      const call = bindAggregate(node.FuncCall, node)
      if (place.clause === 'HAVING') return call
      return fail(
        `An aggregate cannot stand in ${place.clause === 'WHERE' ? 'WHERE' : 'another aggregate'}.`,
        node,
        place.clause === 'WHERE' ? 'Put conditions on aggregates into HAVING.' : SUPPORTED,
      )
    }
    if (isCondition(node))
      return unsupported('A condition as a value', node, 'Write CASE WHEN condition THEN 1 ELSE 0 END.')
    return unsupported(CONSTRUCTS[kindOf(node)] ?? kindOf(node), node)
  }

  // ── conditions ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Both sides of a comparison; the side that is a bare text takes its type from the other. */
  const bindSides = (leftNode: Node, rightNode: Node, place: Place): readonly [Expression, Expression] => {
    const isText = (node: Node): boolean => 'A_Const' in node && node.A_Const.sval !== undefined
    if (isText(leftNode) && !isText(rightNode)) {
      const right = bindExpression(rightNode, place)
      return [bindExpression(leftNode, place, right), right]
    }
    const left = bindExpression(leftNode, place)
    return [left, bindExpression(rightNode, place, left)]
  }

  const checkComparable = (
    left: Expression,
    right: Expression,
    comparison: string,
    node: Node | number,
  ): void => {
    const [a, b] = [typeOf(left), typeOf(right)]
    if (a === undefined || b === undefined) return
    if (a !== b) fail(`A ${a} is compared with a ${b}.`, node, 'Both sides of a comparison have one type.')
    if ((a === 'category' || a === 'boolean') && comparison !== '=' && comparison !== '<>')
      fail(
        `${a === 'category' ? 'Categories' : 'Booleans'} have no order: ${comparison} is refused.`,
        node,
        'Use = , <> or IN.',
      )
    if (a === 'category' && left.kind === 'column' && right.kind === 'column') {
      const lists = [left, right].map(side => JSON.stringify(columns.get(side.column)?.type))
      if (lists[0] !== lists[1])
        unsupported(
          'Comparing categories with different value lists',
          node,
          'Compare each column with literals.',
        )
    }
  }

  const bindComparison = (
    comparison: Comparison,
    leftNode: Node,
    rightNode: Node,
    node: Node | number,
    place: Place,
  ): Predicate => {
    const [left, right] = bindSides(leftNode, rightNode, place)
    checkComparable(left, right, comparison, node)
    // Constants stand on the right, so that rules need to look at one side.
    return left.kind === 'constant' && right.kind !== 'constant'
      ? { kind: 'compare', comparison: MIRRORED[comparison], left: right, right: left }
      : { kind: 'compare', comparison, left, right }
  }

  const bindBetween = (of: A_Expr, node: Node, place: Place, negated: boolean): Predicate => {
    const [lowNode, highNode] = get(of.rexpr, 'List')?.items ?? []
    const operand = bindExpression(of.lexpr as Node, place)
    const bounds = [lowNode, highNode].map(bound => bindExpression(bound as Node, place, operand))
    for (const bound of bounds) checkComparable(operand, bound, '<=', of.location ?? node)
    return {
      kind: 'between',
      of: operand,
      low: bounds[0] as Expression,
      high: bounds[1] as Expression,
      negated,
    }
  }

  const bindIn = (of: A_Expr, place: Place): Predicate => {
    const operand = bindExpression(of.lexpr as Node, place)
    const list = (get(of.rexpr, 'List')?.items ?? []).map(item => {
      const bound = bindExpression(item, place, operand)
      checkComparable(operand, bound, '=', item)
      return bound
    })
    return { kind: 'in', of: operand, list, negated: nameOf(of.name).at(-1) === '<>' }
  }

  const bindPredicate = (node: Node, place: Place): Predicate => {
    if ('BoolExpr' in node) {
      const parts = (node.BoolExpr.args ?? []).map(part => bindPredicate(part, place))
      if (node.BoolExpr.boolop === 'NOT_EXPR') return { kind: 'not', of: parts[0] as Predicate }
      return { kind: node.BoolExpr.boolop === 'AND_EXPR' ? 'and' : 'or', of: parts }
    }
    if ('A_Expr' in node) {
      const of = node.A_Expr
      const named = A_EXPR[of.kind ?? '']
      if (named !== undefined) return unsupported(named, of.location ?? node)
      if (of.kind === 'AEXPR_BETWEEN' || of.kind === 'AEXPR_NOT_BETWEEN')
        return bindBetween(of, node, place, of.kind === 'AEXPR_NOT_BETWEEN')
      if (of.kind === 'AEXPR_IN') return bindIn(of, place)
      const operator = nameOf(of.name).at(-1) as string
      if (COMPARISONS.has(operator) && of.lexpr !== undefined && of.rexpr !== undefined)
        return bindComparison(operator as Comparison, of.lexpr, of.rexpr, of.location ?? node, place)
      if (ARITHMETIC[operator] === undefined)
        return unsupported(`The operator ${operator}`, of.location ?? node, 'Comparisons: = <> < <= > >=.')
      return fail('A condition is expected here.', node, 'Compare the value with something.')
    }
    if ('NullTest' in node) {
      const negated = node.NullTest.nulltesttype === 'IS_NOT_NULL'
      const argument = node.NullTest.arg as Node
      if (isCondition(argument))
        return { kind: 'is', of: bindPredicate(argument, place), value: null, negated }
      const of = bindExpression(argument, place)
      if (isAggregate(of))
        unsupported('IS NULL on an aggregate', node, 'An aggregate that is not shown is unknown in HAVING.')
      return { kind: 'is-null', of, negated }
    }
    if ('BooleanTest' in node) {
      const test = node.BooleanTest.booltesttype ?? ''
      return {
        kind: 'is',
        of: bindPredicate(node.BooleanTest.arg as Node, place),
        value: test.endsWith('UNKNOWN') ? null : test.endsWith('TRUE'),
        negated: test.startsWith('IS_NOT'),
      }
    }
    if ('A_Const' in node && node.A_Const.boolval !== undefined)
      return literal(node.A_Const.boolval.boolval === true)
    if ('A_Const' in node && node.A_Const.isnull) return literal(null)
    const value = bindExpression(node, place)
    if (value.kind !== 'column' || value.type !== 'boolean')
      return fail('A condition is expected here.', node, 'Write a comparison, or a boolean column.')
    return { kind: 'truth', of: value, negated: false }
  }

  // ── clauses ───────────────────────────────────────────────────────────────────────────────────────────────────────

  const targets = (select.targetList ?? []).map(node => {
    const target = get(node, 'ResTarget') as NodeOf<'ResTarget'>
    return { node: target.val as Node, alias: target.name }
  })
  if (targets.length === 0) fail('SELECT shows nothing.', 0)

  /** The target that a bare integer means in GROUP BY or ORDER BY. */
  const ordinalOf = (node: Node, clause: string): number | undefined => {
    const value = get(node, 'A_Const')
    if (value === undefined) return undefined
    const ordinal = value.ival === undefined ? undefined : (value.ival.ival ?? 0)
    if (ordinal === undefined) return unsupported(`A constant in ${clause}`, node)
    if (ordinal < 1 || ordinal > targets.length)
      return fail(
        `${clause} position ${ordinal} is not in the SELECT list.`,
        node,
        `There are ${targets.length} positions.`,
      )
    return ordinal - 1
  }

  const keyOf = (node: Node): Column => {
    const ordinal = ordinalOf(node, 'GROUP BY')
    const bare = get(node, 'ColumnRef')
    let named = ordinal === undefined ? node : (targets[ordinal]?.node as Node)
    // An input column comes before an alias, as in PostgreSQL.
    if (bare !== undefined && bare.fields?.length === 1 && !columns.has(columnNamed(bare, node)))
      named = targets.find(target => target.alias === columnNamed(bare, node))?.node ?? node
    if ('GroupingSet' in named) unsupported(CONSTRUCTS.GroupingSet as string, named)
    const ref = get(named, 'ColumnRef')
    if (ref === undefined) return unsupported('GROUP BY an expression', node, 'GROUP BY takes columns.')
    const column = columnOf(ref, node)
    checkUse(column, 'group', node)
    return column
  }

  const keys: Column[] = []
  for (const node of select.groupClause ?? []) {
    const column = keyOf(node)
    if (!keys.includes(column)) keys.push(column)
  }

  const where = select.whereClause === undefined ? null : bindPredicate(select.whereClause, inWhere)

  const aggregates: AggregateCall[] = []
  const items = targets.map(({ node, alias }): Item => {
    if ('ColumnRef' in node) {
      const column = columnOf(node.ColumnRef, node)
      const key = keys.indexOf(column)
      if (key < 0)
        fail(
          `Column "${column.name}" must appear in GROUP BY or inside an aggregate.`,
          node,
          'Single rows are never shown.',
        )
      return { name: alias ?? column.name, kind: 'key', key }
    }
    if ('FuncCall' in node) {
      aggregates.push(bindAggregate(node.FuncCall, node))
      return {
        name: alias ?? (nameOf(node.FuncCall.funcname).at(-1) as string),
        kind: 'aggregate',
        aggregate: aggregates.length - 1,
      }
    }
    if ('A_Const' in node) return unsupported('A constant in SELECT', node)
    if ('A_Expr' in node || 'CaseExpr' in node)
      return unsupported(
        'An expression in SELECT',
        node,
        'SELECT shows group keys and single aggregates; put arithmetic inside the aggregate.',
      )
    return unsupported(CONSTRUCTS[kindOf(node)] ?? kindOf(node), node)
  })

  const having = select.havingClause === undefined ? null : bindPredicate(select.havingClause, inHaving)

  const orderTarget = (node: Node): OrderBy['by'] => {
    const ordinal = ordinalOf(node, 'ORDER BY')
    if (ordinal !== undefined) return { kind: 'output', index: ordinal }
    const ref = get(node, 'ColumnRef')
    if (ref !== undefined) {
      const name = columnNamed(ref, node)
      const output = ref.fields?.length === 1 ? items.findIndex(item => item.name === name) : -1
      if (output >= 0) return { kind: 'output', index: output }
      const key = keys.indexOf(columnOf(ref, node))
      if (key >= 0) return { kind: 'key', index: key }
    }
    if ('FuncCall' in node) {
      const text = show(bindAggregate(node.FuncCall, node))
      const output = items.findIndex(
        item => item.kind === 'aggregate' && show(aggregates[item.aggregate] as AggregateCall) === text,
      )
      if (output >= 0) return { kind: 'output', index: output }
    }
    return fail(
      'ORDER BY names something that is not shown.',
      node,
      'Order by an output column, its alias, its position, or a group key.',
    )
  }

  const order = (select.sortClause ?? []).map((node): OrderBy => {
    const sort = get(node, 'SortBy') as NodeOf<'SortBy'>
    if (sort.sortby_dir === 'SORTBY_USING') unsupported('ORDER BY … USING', node)
    const descending = sort.sortby_dir === 'SORTBY_DESC'
    const nulls = sort.sortby_nulls
    return {
      by: orderTarget(sort.node as Node),
      descending,
      nullsFirst: nulls === 'SORTBY_NULLS_FIRST' || (nulls !== 'SORTBY_NULLS_LAST' && descending),
    }
  })

  const countOf = (node: Node | undefined, clause: string): number | null => {
    if (node === undefined) return null
    const value = get(node, 'A_Const')
    if (value?.isnull) return null
    const count = value?.ival === undefined ? -1 : (value.ival.ival ?? 0)
    if (count < 0) return fail(`${clause} takes a whole number, written out.`, node)
    return count
  }

  return {
    schema,
    where,
    keys,
    aggregates,
    having,
    items,
    order,
    limit: countOf(select.limitCount, 'LIMIT'),
    offset: countOf(select.limitOffset, 'OFFSET') ?? 0,
  }
}

/** Whether a node can only be a condition, never a value. */
const isCondition = (node: Node): boolean =>
  'BoolExpr' in node ||
  'NullTest' in node ||
  'BooleanTest' in node ||
  ('A_Expr' in node &&
    (node.A_Expr.kind !== 'AEXPR_OP' || COMPARISONS.has(nameOf(node.A_Expr.name).at(-1) as string)))

/** Whole clauses that have no meaning here. */
const refuseClauses = (
  select: SelectStmt,
  parsed: ParsedQuery,
  unsupported: (construct: string, at: Node | number | undefined, hint?: string) => never,
): void => {
  const at = (word: string): number => parsed.keyword(word)
  if (select.withClause !== undefined) unsupported('WITH', at('WITH'))
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    const word = select.op.replace('SETOP_', '')
    unsupported(word, at(word))
  }
  if (select.valuesLists !== undefined) unsupported('VALUES', at('VALUES'))
  if (select.distinctClause !== undefined)
    unsupported('SELECT DISTINCT', at('DISTINCT'), 'Write GROUP BY with the same columns.')
  if (select.intoClause !== undefined) unsupported('SELECT INTO', at('INTO'))
  if (select.windowClause !== undefined) unsupported('WINDOW', at('WINDOW'))
  if (select.lockingClause !== undefined) unsupported('FOR UPDATE or FOR SHARE', at('FOR'))
  if (select.groupDistinct) unsupported('GROUP BY DISTINCT', at('GROUP'))
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') unsupported('WITH TIES', at('TIES'))
}
