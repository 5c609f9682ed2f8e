/** What a name in FROM may mean: tables that owners shared, and queries that WITH has named. */
import type { Node, SelectStmt } from 'libpg-query'
import type { TableSchema } from '../../data/schema.ts'
import type { ParsedQuery } from '../parse.ts'
import type { Complaints } from './complaints.ts'
import { get } from './syntax.ts'

interface TableOfQuery {
  readonly schema: TableSchema
  /** Public: rows of all dataset versions together. */
  readonly rows: number
}

export interface Environment {
  readonly parsed: ParsedQuery
  readonly complaints: Complaints
  readonly tables: readonly TableOfQuery[]
  /** A query of WITH knows the ones before it. */
  readonly named: ReadonlyMap<string, { readonly select: SelectStmt; readonly within: Environment }>
}

/** The environment of a block that may begin with WITH. */
export const withNamedQueries = (environment: Environment, { withClause }: SelectStmt): Environment => {
  const { parsed, complaints } = environment
  if (withClause?.recursive) complaints.unsupported('WITH RECURSIVE', parsed.keyword('RECURSIVE'))
  const named = new Map(environment.named)
  for (const node of withClause?.ctes ?? []) {
    const cte = get(node, 'CommonTableExpr')
    const select = get(cte?.ctequery, 'SelectStmt')
    if (cte?.ctename === undefined || select === undefined)
      return complaints.unsupported('WITH over anything but SELECT', node as Node)
    if (cte.aliascolnames !== undefined) complaints.unsupported('Renaming columns in WITH', node)
    named.set(cte.ctename, { select, within: { ...environment, named: new Map(named) } })
  }
  return { ...environment, named }
}
