/**
 * Syntax tree to logical plan: names become columns, literals take the type of what they meet, and every construct that
 * is not supported is refused by name and place.
 */
import type { TableSchema } from '../../data/schema.ts'
import type { ParsedQuery } from '../parse.ts'
import type { Query } from '../query.ts'
import { bindBlock } from './block.ts'
import { complaintsAbout } from './complaints.ts'

export const bind = (
  parsed: ParsedQuery,
  tables: readonly { readonly schema: TableSchema; readonly rows: number }[],
): Query => {
  const complaints = complaintsAbout(parsed)
  return bindBlock({ parsed, complaints, tables, named: new Map() }, parsed.select, true)
}
