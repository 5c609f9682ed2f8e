/** What people call the forms that the grammar takes and we refuse. */
import type { Node } from 'libpg-query'

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

/** The name of an operator form such as LIKE, which has no meaning here; undefined for those that have one. */
export const refusedOperator = (kind: string | undefined): string | undefined => A_EXPR[kind ?? '']

/** The name for an error; a form that nobody thought of is called by the name of the grammar. */
export const constructName = (node: Node): string => {
  const kind = Object.keys(node)[0] as string
  return CONSTRUCTS[kind] ?? kind
}
