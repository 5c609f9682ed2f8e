/**
 * FROM: what is read, as a tree of joins over relations, before anybody has decided in which order they are joined. Each
 * relation is a table, a query of WITH, a derived table or a UNION ALL of such.
 */
import type { Node, RangeVar, SelectStmt } from 'libpg-query'
import { didYouMean } from '../close-match.ts'
import type { Query, Source } from '../query.ts'
import { constructName } from './construct-name.ts'
import { columnsOfItems, rowsOfQuery } from './derived.ts'
import { type Environment, withNamedQueries } from './environment.ts'
import { get, type NodeOf } from './syntax.ts'
import { unionOf } from './union.ts'

export interface Relation {
  readonly alias: string
  /** Under the names of its own columns. */
  readonly source: Source
}

/** A condition of ON as it is written and the relations that it may name, or the columns that USING sets equal. */
export type JoinCondition =
  | { readonly kind: 'on'; readonly node: Node; readonly places: readonly number[] }
  | {
      readonly kind: 'using'
      readonly name: string
      readonly left: readonly number[]
      readonly right: readonly number[]
      readonly node: Node
    }

/** Leaves are places in the list of relations. */
export type JoinTree =
  | { readonly kind: 'relation'; readonly place: number }
  | { readonly kind: 'inner'; readonly parts: readonly JoinTree[]; readonly on: readonly JoinCondition[] }
  | {
      readonly kind: 'left'
      readonly left: JoinTree
      readonly right: JoinTree
      readonly on: readonly JoinCondition[]
    }

export interface From {
  readonly relations: readonly Relation[]
  readonly tree: JoinTree
}

/** Binds a block inside of another. */
export type BindBlock = (environment: Environment, select: SelectStmt) => Query

const placesOf = (tree: JoinTree): readonly number[] => {
  switch (tree.kind) {
    case 'relation':
      return [tree.place]
    case 'inner':
      return tree.parts.flatMap(placesOf)
    case 'left':
      return [...placesOf(tree.left), ...placesOf(tree.right)]
  }
}

/** Inner joins of inner joins are one list, so that their order is free. */
const innerOf = (parts: readonly JoinTree[], on: readonly JoinCondition[]): JoinTree => ({
  kind: 'inner',
  parts: parts.flatMap(part => (part.kind === 'inner' ? part.parts : [part])),
  on: [...parts.flatMap(part => (part.kind === 'inner' ? part.on : [])), ...on],
})

export const readFrom = (environment: Environment, select: SelectStmt, block: BindBlock): From => {
  const { complaints } = environment
  const { fail, unsupported } = complaints
  const relations: Relation[] = []
  const add = (relation: Relation, node: Node): JoinTree => {
    if (relations.some(({ alias }) => alias === relation.alias))
      fail(
        `"${relation.alias}" stands for two things in FROM.`,
        node,
        `Give one of them another name: ${relation.alias} AS other.`,
      )
    return { kind: 'relation', place: relations.push(relation) - 1 }
  }

  const read = (node: Node): JoinTree => {
    if ('RangeVar' in node) return add(relationNamed(environment, node.RangeVar, node, block), node)
    if ('RangeSubselect' in node) {
      const { alias, subquery, lateral } = node.RangeSubselect
      const select = get(subquery, 'SelectStmt')
      if (lateral) unsupported('LATERAL', node)
      if (select === undefined) return unsupported('This subquery in FROM', node)
      if (alias?.colnames !== undefined) unsupported('Renaming columns in FROM', node)
      const name = alias?.aliasname
      if (name === undefined) return fail('A subquery in FROM needs a name.', node, 'Write (SELECT …) AS x.')
      return add({ alias: name, source: sourceOfSelect(environment, select, name, node, block) }, node)
    }
    if ('JoinExpr' in node) return readJoin(node.JoinExpr, node)
    return unsupported(constructName(node), node)
  }

  const readJoin = (join: NodeOf<'JoinExpr'>, node: Node): JoinTree => {
    if (join.isNatural) unsupported('NATURAL JOIN', node, 'Write JOIN … USING (columns).')
    const swapped = join.jointype === 'JOIN_RIGHT'
    if (join.jointype === 'JOIN_FULL')
      unsupported('FULL JOIN', node, 'LEFT JOIN keeps the rows of one side; UNION ALL adds the others.')
    const [first, second] = [read(join.larg as Node), read(join.rarg as Node)]
    const [left, right] = swapped ? [second, first] : [first, second]
    const on: JoinCondition[] = (join.usingClause ?? []).map(name => ({
      kind: 'using',
      name: get(name, 'String')?.sval ?? '',
      left: placesOf(left),
      right: placesOf(right),
      node,
    }))
    if (join.quals !== undefined)
      on.push({ kind: 'on', node: join.quals, places: [...placesOf(left), ...placesOf(right)] })
    if (swapped || join.jointype === 'JOIN_LEFT') return { kind: 'left', left, right, on }
    return innerOf([left, right], on)
  }

  const nodes = select.fromClause ?? []
  if (nodes.length === 0) fail('The query has no FROM.', 0)
  const trees = nodes.map(read)
  return { relations, tree: trees.length === 1 ? (trees[0] as JoinTree) : innerOf(trees, []) }
}

const relationNamed = (
  { complaints, tables, named }: Environment,
  range: RangeVar,
  node: Node,
  block: BindBlock,
): Relation => {
  const { fail, unsupported } = complaints
  const name = range.relname as string
  const names = [...tables.map(({ schema }) => schema.table), ...named.keys()]
  if (range.schemaname !== undefined || range.catalogname !== undefined)
    unsupported('A table name with a schema', node, `Write the table alone: ${names[0]}.`)
  const query = named.get(name)
  const table = tables.find(({ schema }) => schema.table === name)
  if (range.inh !== true) unsupported('ONLY', node)
  if (range.alias?.colnames !== undefined) unsupported('Renaming columns in FROM', node)
  const alias = range.alias?.aliasname ?? name
  if (query !== undefined)
    return { alias, source: sourceOfSelect(query.within, query.select, alias, node, block) }
  if (table === undefined) return fail(`There is no table "${name}".`, node, didYouMean(name, names))
  const { schema, rows } = table
  return {
    alias,
    source: {
      kind: 'table',
      rows,
      columns: schema.columns.map(column => ({ column, inside: column.name })),
      schema,
      // An alias of the only table says nothing new; a second reading of a table is told apart by its alias.
      alias: schema.table,
    },
  }
}

/** A derived table, whose block may be several below each other. */
const sourceOfSelect = (
  environment: Environment,
  select: SelectStmt,
  alias: string,
  node: Node,
  block: BindBlock,
): Source => {
  const queries = queriesOf(environment, select, block)
  const [first, second] = queries as [Query, ...Query[]]
  const { complaints } = environment
  for (const query of queries) {
    const names = query.items.map(item => item.name)
    const twice = names.find((name, place) => names.indexOf(name) !== place)
    if (twice !== undefined)
      complaints.fail(
        `Column "${twice}" stands twice in ${alias}.`,
        node,
        'Give every column a name of its own with AS.',
      )
  }
  if (second !== undefined) return unionOf(queries, alias, complaints, node)
  return {
    kind: 'derived',
    rows: rowsOfQuery(first),
    columns: columnsOfItems(first).map(column => ({ column, inside: column.name })),
    query: first,
    alias,
  }
}

const queriesOf = (environment: Environment, select: SelectStmt, block: BindBlock): readonly Query[] => {
  const { complaints, parsed } = environment
  if (select.op === undefined || select.op === 'SETOP_NONE') return [block(environment, select)]
  const word = select.op.replace('SETOP_', '')
  if (select.op !== 'SETOP_UNION' || !select.all)
    complaints.unsupported(word, parsed.keyword(word), 'UNION ALL keeps every row; group afterwards.')
  if ((select.sortClause ?? select.limitCount ?? select.limitOffset) !== undefined)
    complaints.unsupported(
      'ORDER BY, LIMIT or OFFSET on a UNION',
      parsed.keyword('UNION'),
      'Put it into its parts.',
    )
  const within = withNamedQueries(environment, select)
  return [select.larg, select.rarg].flatMap(part => queriesOf(within, part as SelectStmt, block))
}
