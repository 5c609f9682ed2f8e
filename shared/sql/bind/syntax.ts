/** Reading PostgreSQL's syntax tree: one node, its kind, its place in the text. Knows nothing of schemas. */
import type { FuncCall, Node } from 'libpg-query'

type Unwrap<N, K extends string> = N extends { [key in K]: infer T } ? T : never
export type NodeOf<K extends string> = Unwrap<Node, K>

/** A node, or its byte offset in the text. */
export type At = Node | number | undefined

export const COMPARISONS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='])
export const ARITHMETIC: Readonly<Record<string, 'add' | 'subtract' | 'multiply'>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
}

export const get = <K extends string>(node: Node | undefined, kind: K): NodeOf<K> | undefined =>
  node === undefined ? undefined : (node as unknown as Record<string, NodeOf<K>>)[kind]

export const nameOf = (nodes: readonly Node[] | undefined): readonly string[] =>
  (nodes ?? []).map(node => get(node, 'String')?.sval ?? '')

/** The least byte offset anywhere in a subtree; many forms carry none of their own. */
export const locate = (value: unknown): number | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const own = (value as { location?: unknown }).location
  const found = Object.values(value)
    .map(locate)
    .filter(at => at !== undefined)
  if (typeof own === 'number' && own >= 0) found.push(own)
  return found.length > 0 ? Math.min(...found) : undefined
}

/** Whether a node can only be a condition, never a value. */
export const isCondition = (node: Node): boolean =>
  'BoolExpr' in node ||
  'NullTest' in node ||
  'BooleanTest' in node ||
  ('A_Expr' in node &&
    (node.A_Expr.kind !== 'AEXPR_OP' || COMPARISONS.has(nameOf(node.A_Expr.name).at(-1) as string)))

/** The name of a function as people write it: the grammar puts some into a schema of its own. */
export const functionName = ({ funcname }: FuncCall): string =>
  nameOf(funcname)
    .filter(part => part !== 'pg_catalog')
    .join('.')

/** Which way ORDER BY goes, and where NULLs stand: last where nothing is said, first in descending order. */
export const directionOf = ({
  sortby_dir: direction,
  sortby_nulls: nulls,
}: NodeOf<'SortBy'>): { readonly descending: boolean; readonly nullsFirst: boolean } => {
  const descending = direction === 'SORTBY_DESC'
  return {
    descending,
    nullsFirst: nulls === 'SORTBY_NULLS_FIRST' || (nulls !== 'SORTBY_NULLS_LAST' && descending),
  }
}

/** Conditions that AND connects. */
export const conjunctsOf = (node: Node | undefined): readonly Node[] => {
  if (node === undefined) return []
  const all = get(node, 'BoolExpr')
  return all?.boolop === 'AND_EXPR' ? (all.args ?? []).flatMap(conjunctsOf) : [node]
}
