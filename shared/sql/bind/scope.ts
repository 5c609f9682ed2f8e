/** The relations of a block: which column a name means, and what its owner allows. Every refusal names its place. */
import type { ColumnRef, Node } from 'libpg-query'
import { Refusal } from '../../base/errors.ts'
import type { Column, Use } from '../../data/schema.ts'
import { didYouMean } from '../close-match.ts'
import type { ParsedQuery } from '../parse.ts'
import type { Complaints } from './complaints.ts'
import type { Relation } from './from.ts'
import { locate, nameOf } from './syntax.ts'

export interface Scope extends Complaints {
  /** By the name that the plan uses: bare where a block reads one relation, `alias.column` otherwise. */
  readonly columns: ReadonlyMap<string, Column>
  /** The last part of a reference, whether there is such a column or not. */
  readonly columnNamed: (ref: ColumnRef, node: Node) => string
  readonly columnOf: (ref: ColumnRef, node: Node) => Column
  /** The same, undefined where no relation has such a column. */
  readonly findColumn: (ref: ColumnRef) => Column | undefined
  /** The place of the relation that a column belongs to. */
  readonly relationOf: (column: Column) => number
  /** Looks names up among these relations alone while `make` runs: ON sees what it joins and nothing else of FROM. */
  readonly among: <T>(places: readonly number[], make: () => T) => T
  /** Throws Refusal when the owner did not allow this use. What is `carried` is checked where it is used. */
  readonly checkUse: (column: Column, use: Use | 'carried', node: Node) => void
}

/** The name of a relation's column within its block. */
export const innerName = (relations: readonly Relation[], place: number, name: string): string =>
  relations.length === 1 ? name : `${relations[place]?.alias}.${name}`

const VERBS: Readonly<Record<Use, string>> = {
  aggregate: 'aggregate',
  group: 'group by',
  filter: 'filter by',
  join: 'join on',
  show: 'show single values of',
}

/** `sameAs`: names that USING has set equal, each with the place of the relation that it means. */
export const createScope = (
  parsed: ParsedQuery,
  relations: readonly Relation[],
  complaints: Complaints,
  sameAs: ReadonlyMap<string, number>,
): Scope => {
  const { fail, unsupported } = complaints
  const columns = new Map<string, Column>()
  const places = new Map<string, number>()
  relations.forEach(({ source }, place) => {
    for (const { column } of source.columns) {
      const name = innerName(relations, place, column.name)
      columns.set(name, { ...column, name })
      places.set(name, place)
    }
  })
  let visible = relations.map((_, place) => place)
  const seen = (): readonly Relation[] => visible.map(place => relations[place] as Relation)
  const aliases = (): readonly string[] => seen().map(({ alias }) => alias)
  const what = (): string =>
    relations.length === 1 && relations[0]?.source.kind === 'table'
      ? relations[0].source.schema.table
      : aliases().join(', ')
  const among = <T>(places: readonly number[], make: () => T): T => {
    const before = visible
    visible = [...places]
    try {
      return make()
    } finally {
      visible = before
    }
  }

  const namesOf = (ref: ColumnRef): readonly string[] => nameOf(ref.fields)
  const candidates = (names: readonly string[]): readonly string[] => {
    const [qualifier, name] = names.length === 2 ? names : [undefined, names[0]]
    const using = qualifier === undefined ? sameAs.get(name as string) : undefined
    return relations.flatMap(({ alias, source }, place) =>
      visible.includes(place) &&
      (qualifier === undefined || qualifier === alias) &&
      (using === undefined || using === place) &&
      source.columns.some(({ column }) => column.name === name)
        ? [innerName(relations, place, name as string)]
        : [],
    )
  }

  const columnNamed = (ref: ColumnRef, node: Node): string => {
    const fields = ref.fields ?? []
    if (fields.some(field => 'A_Star' in field))
      unsupported('SELECT *', node, 'Name the group keys and aggregates, one by one.')
    const names = namesOf(ref)
    if (names.length > 2) unsupported('A column name with a schema', node)
    if (names.length === 2 && !aliases().includes(names[0] as string))
      fail(
        relations.some(({ alias }) => alias === names[0])
          ? `"${names[0]}" is not joined yet where ON names it.`
          : `"${names[0]}" is not a table of this query.`,
        node,
        didYouMean(names[0] as string, aliases()),
      )
    return names.at(-1) as string
  }

  const columnOf = (ref: ColumnRef, node: Node): Column => {
    const name = columnNamed(ref, node)
    const [found, second] = candidates(namesOf(ref))
    if (second !== undefined)
      return fail(
        `The column "${name}" is ambiguous.`,
        node,
        `It stands in several tables: write ${candidates(namesOf(ref)).join(' or ')}.`,
      )
    if (found === undefined) {
      const known = seen().flatMap(({ source }) => source.columns.map(({ column }) => column.name))
      return fail(`There is no column "${name}" in ${what()}.`, node, didYouMean(name, [...new Set(known)]))
    }
    return columns.get(found) as Column
  }

  const findColumn = (ref: ColumnRef): Column | undefined => {
    const [found] = candidates(namesOf(ref))
    return found === undefined ? undefined : columns.get(found)
  }

  const checkUse = (column: Column, use: Use | 'carried', node: Node): void => {
    if (use === 'carried' || column.uses.includes(use)) return
    throw new Refusal(
      'column-use',
      `The owner does not allow to ${VERBS[use]} column "${column.name}" (${parsed.where(locate(node) ?? 0)}).`,
      { hint: `Allowed: ${column.uses.length > 0 ? column.uses.join(', ') : 'nothing'}.` },
    )
  }

  return {
    ...complaints,
    columns,
    columnNamed,
    columnOf,
    findColumn,
    among,
    relationOf: column => places.get(column.name) as number,
    checkUse,
  }
}
