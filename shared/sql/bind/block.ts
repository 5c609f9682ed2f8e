/** One SELECT: what it reads, which rows, how they are grouped, and what it shows. */
import type { Node, SelectStmt } from 'libpg-query'
import type { Column } from '../../data/schema.ts'
import { type Expression, type Predicate, referenceTo, show } from '../expression.ts'
import { columnOfExpression } from '../interval.ts'
import type { Computed, Query, Source, WindowCall } from '../query.ts'
import { bindAggregate } from './aggregate.ts'
import type { Binder } from './binder.ts'
import { usesOf } from './derived.ts'
import { type Environment, withNamedQueries } from './environment.ts'
import { bindExpression } from './expression.ts'
import { type JoinCondition, type JoinTree, type Relation, readFrom } from './from.ts'
import { bindKeys } from './group-by.ts'
import { type Equality, joined, joinInner, joinLeft } from './join.ts'
import { bindOrder, countOf } from './order-by.ts'
import { bindComparison, bindPredicate } from './predicate.ts'
import { refuseClauses } from './refuse-clauses.ts'
import { bindScalarSubquery, type ScalarSubquery } from './scalar-subquery.ts'
import { createScope, innerName, type Scope } from './scope.ts'
import { isSubqueryCondition, joinSubquery } from './subquery.ts'
import { conjunctsOf, get, nameOf } from './syntax.ts'
import { bindTargets, isGrouped, targetsOf } from './targets.ts'
import { bindWindow } from './window.ts'

/** `isOutermost`: what it shows goes to the recipient. */
export const bindBlock = (given: Environment, select: SelectStmt, isOutermost: boolean): Query => {
  const { parsed, complaints } = given
  refuseClauses({ ...parsed, select }, complaints)
  const environment = withNamedQueries(given, select)
  const inner = (within: Environment, part: SelectStmt): Query => bindBlock(within, part, false)
  const { relations, tree } = readFrom(environment, select, inner)
  const scope = createScope(parsed, relations, complaints, usingNames(tree, relations))
  const computed: Computed[] = []
  const windows: WindowCall[] = []
  const targets = targetsOf(scope, select)
  const grouped = isGrouped(select, targets)
  const known = new Map(scope.columns)
  const scalars: ScalarSubquery[] = []
  const beside: Source[] = []
  const values = new Map<Node, Expression>()
  const binder: Binder = {
    ...scope,
    columns: known,
    isOutermost,
    compute: (of, node) => {
      if (of.kind === 'column') return of
      const text = show(of)
      const before = computed.find(one => show(one.of) === text)
      if (before !== undefined) return referenceTo(before.column)
      const column = columnOfExpression(
        text,
        of,
        { column: name => known.get(name), rows: 1 },
        { nullable: true, uses: usesOf(of, [...known.values()]) },
      )
      if (['category', 'boolean', 'text'].includes(column.type.kind))
        complaints.unsupported(`A ${column.type.kind} that is computed`, node)
      computed.push({ column, of })
      known.set(column.name, column)
      return referenceTo(column)
    },
    totals: new Map(),
    scalar: (node, place) => {
      // A condition may be bound side by side with itself, as NULLIF is.
      const before = values.get(node)
      if (before !== undefined) return before
      const name = `scalar.${scalars.length + beside.length}`
      const made = bindScalarSubquery({ binder, environment, block: inner, node, place, name, known })
      if (place.keys === undefined) scalars.push(made)
      else beside.push(made.source)
      values.set(node, made.value)
      return made.value
    },
    window: (call, node) => {
      if (grouped)
        return complaints.unsupported('A window function beside groups', node, 'Put it into an inner query.')
      const made = bindWindow(binder, call, node, `window.${windows.length}`, from)
      windows.push(made)
      known.set(made.column.name, made.column)
      return referenceTo(made.column)
    },
    expression: (...of) => bindExpression(binder, ...of),
    predicate: (...of) => bindPredicate(binder, ...of),
    comparison: (...of) => bindComparison(binder, ...of),
    aggregate: (...of) => bindAggregate(binder, ...of),
  }

  const conjuncts = conjunctsOf(select.whereClause)
  const subqueries = conjuncts.filter(isSubqueryCondition)
  const plain = conjuncts.filter(node => !isSubqueryCondition(node))
  const conditions = conditionsOf(binder, plain)
  let from = sourceOf(binder, relations, tree, conditions)
  for (const [i, node] of subqueries.entries())
    from = joinSubquery({ binder, environment, block: inner, from, node, name: `match.${i}` })

  const keys = bindKeys(binder, select, targets)
  const shown = bindTargets(binder, targets, keys, grouped)
  const having = select.havingClause
    ? binder.predicate(select.havingClause, { clause: 'HAVING', use: 'group', keys })
    : null
  const offset = countOf(scope, select.limitOffset, 'OFFSET') ?? 0
  if (offset > 0 && !isOutermost)
    complaints.unsupported(
      'OFFSET in an inner query',
      select.limitOffset as Node,
      'Number the rows with ROW_NUMBER() OVER (ORDER BY …) and filter by the number.',
    )
  const order = bindOrder(binder, select, targets, keys, shown)
  return {
    from: scalars.reduce(
      (left, { source, on }) => joined(on.length === 0 ? 'single' : 'left', left, source, on, 1),
      from,
    ),
    beside,
    computed,
    where: allOf([...conditions.rest, ...conditions.late]),
    windows,
    grouped,
    keys,
    aggregates: shown.aggregates,
    having,
    items: shown.items,
    order,
    limit: countOf(scope, select.limitCount, 'LIMIT'),
    offset,
  }
}

const allOf = (of: readonly Predicate[]): Predicate | null =>
  of.length === 0 ? null : of.length === 1 ? (of[0] as Predicate) : { kind: 'and', of }

interface Conditions {
  readonly equalities: readonly Equality[]
  readonly rest: readonly Predicate[]
  /** Found while joining. */
  readonly late: Predicate[]
}

/** The two columns of an equality between two relations. */
const equalityOf = (scope: Scope, node: Node): Equality | undefined => {
  const of = get(node, 'A_Expr')
  if (of?.kind !== 'AEXPR_OP' || nameOf(of.name).at(-1) !== '=') return undefined
  const [left, right] = [get(of.lexpr, 'ColumnRef'), get(of.rexpr, 'ColumnRef')]
  if (left === undefined || right === undefined) return undefined
  const [a, b] = [scope.columnOf(left, of.lexpr as Node), scope.columnOf(right, of.rexpr as Node)]
  if (scope.relationOf(a) === scope.relationOf(b)) return undefined
  checkJoinable(scope, a, b, node)
  return { a: a.name, b: b.name, node }
}

export const checkJoinable = (scope: Scope, a: Column, b: Column, node: Node): void => {
  for (const column of [a, b]) scope.checkUse(column, 'join', node)
  const kindOf = ({ type }: Column): string =>
    type.kind === 'integer' || type.kind === 'decimal'
      ? `number with ${type.kind === 'decimal' ? type.scale : 0} decimals`
      : type.kind === 'category'
        ? `category of ${JSON.stringify(type.values)}`
        : type.kind === 'text'
          ? JSON.stringify(type)
          : type.kind
  if (kindOf(a) !== kindOf(b))
    scope.fail(
      `"${a.name}" and "${b.name}" cannot be joined: their types differ.`,
      node,
      'Both sides of a join have one type: the same categories, the same decimals, or texts with the same key, folds and sound.',
    )
}

/** Equalities between relations join them; everything else is a condition on rows. */
const conditionsOf = (binder: Binder, nodes: readonly Node[]): Conditions => {
  const equalities: Equality[] = []
  const rest: Predicate[] = []
  for (const node of nodes) {
    const equality = equalityOf(binder, node)
    if (equality === undefined) rest.push(binder.predicate(node, { clause: 'WHERE', use: 'filter' }))
    else equalities.push(equality)
  }
  return { equalities, rest, late: [] }
}

const hasColumn = (relation: Relation | undefined, name: string): boolean =>
  relation?.source.columns.some(({ column }) => column.name === name) === true

/** Names that USING has made one, with the place of the left side. */
const usingNames = (tree: JoinTree, relations: readonly Relation[]): ReadonlyMap<string, number> => {
  const names = new Map<string, number>()
  const visit = (part: JoinTree): void => {
    if (part.kind === 'relation') return
    for (const one of part.on) {
      const place = one.kind === 'using' ? one.left.find(at => hasColumn(relations[at], one.name)) : undefined
      if (one.kind === 'using' && place !== undefined) names.set(one.name, place)
    }
    for (const child of part.kind === 'inner' ? part.parts : [part.left, part.right]) visit(child)
  }
  visit(tree)
  return names
}

const usingEquality = (
  binder: Binder,
  relations: readonly Relation[],
  one: Extract<JoinCondition, { kind: 'using' }>,
): Equality => {
  const side = (places: readonly number[]): Column => {
    const place = places.find(at => hasColumn(relations[at], one.name))
    const column = place === undefined ? undefined : binder.columns.get(innerName(relations, place, one.name))
    return column ?? binder.fail(`USING names "${one.name}", which one side does not have.`, one.node)
  }
  const [a, b] = [side(one.left), side(one.right)]
  checkJoinable(binder, a, b, one.node)
  return { a: a.name, b: b.name, node: one.node }
}

const pairOf = (one: string, other: string): string => [one, other].sort().join('=')
const pairsOf = (source: Source): readonly string[] =>
  source.kind === 'join' ? source.on.map(({ left, right }) => pairOf(left, right)) : []

/** What holds in every row: what a LEFT JOIN compares does not. */
const innerPairsOf = (source: Source): readonly string[] => {
  if (source.kind !== 'join') return []
  if (source.join === 'left') return innerPairsOf(source.left)
  return [...pairsOf(source), ...innerPairsOf(source.left), ...innerPairsOf(source.right)]
}

const without = (equalities: readonly Equality[], taken: readonly string[]): readonly Equality[] =>
  equalities.filter(({ a, b }) => !taken.includes(pairOf(a, b)))

const sourceOf = (
  binder: Binder,
  relations: readonly Relation[],
  whole: JoinTree,
  { equalities, late }: Conditions,
): Source => {
  const named = (place: number): Source => {
    const { source } = relations[place] as Relation
    return {
      ...source,
      columns: source.columns.map(({ column, inside }) => {
        const name = innerName(relations, place, column.name)
        return { column: name === column.name ? column : { ...column, name }, inside }
      }),
    }
  }
  const ofInner: Equality[] = []
  /** `isOptional`: on the right of a LEFT JOIN, where a condition that is left over is none of the whole block. */
  const build = (tree: JoinTree, more: readonly Equality[], isOptional: boolean): Source => {
    if (tree.kind === 'relation') return named(tree.place)
    const own: Equality[] = []
    for (const one of tree.on) {
      if (one.kind === 'using') own.push(usingEquality(binder, relations, one))
      else
        for (const node of conjunctsOf(one.node)) {
          const equality = binder.among(one.places, () => equalityOf(binder, node))
          if (equality !== undefined) own.push({ ...equality, places: one.places })
          else if (tree.kind === 'left' || isOptional) refuseCondition(node)
          else
            late.push(
              binder.among(one.places, () => binder.predicate(node, { clause: 'WHERE', use: 'filter' })),
            )
        }
    }
    if (tree.kind === 'left') {
      const [left, right] = [build(tree.left, more, isOptional), build(tree.right, [], true)]
      const source = joinLeft(left, right, own, binder, tree.on[0]?.node)
      for (const { node } of without(own, pairsOf(source))) refuseCondition(node)
      return source
    }
    const source = joinInner(
      tree.parts.map(part => build(part, more, isOptional)),
      [...more, ...own],
      binder,
      (own[0] ?? more[0] ?? tree.on[0])?.node,
    )
    if (!isOptional) ofInner.push(...own)
    else for (const { node } of without(own, innerPairsOf(source))) refuseCondition(node)
    return source
  }
  const refuseCondition = (node: Node): never =>
    binder.unsupported(
      'A condition in ON of a LEFT JOIN that is no equality',
      node,
      'Filter the right side first: LEFT JOIN (SELECT … WHERE …) AS x ON ….',
    )
  const everywhere = relations.map((_, place) => place)
  const source = build(whole, equalities, false)
  // An equality that no join has used is a condition like others.
  for (const { node, places } of without([...equalities, ...ofInner], innerPairsOf(source)))
    late.push(
      binder.among(places ?? everywhere, () => binder.predicate(node, { clause: 'WHERE', use: 'filter' })),
    )
  return source
}
