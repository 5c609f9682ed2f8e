/**
 * Whose rows a result is about, where an owner demands that several contribute. Every row of such a table carries the
 * place of its owner in a public column that no statement can name; the outermost block is given it beside its other
 * columns, so that counts and totals can be made for each owner, as secret as all others.
 */
import { InputError, Refusal } from '../base/errors.ts'
import type { Column } from '../data/schema.ts'
import { type Demand, demandsOf, type TableInput } from './demands.ts'
import { constant, type Predicate, referenceTo } from './expression.ts'
import type { Query, Source, SourceColumn } from './query.ts'

/** What a group, and every total of it, must fulfil beside the minimum group size. */
export interface OwnerRule {
  readonly table: string
  /** The column that says whose row it is, as the outermost block names it. */
  readonly column: Column
  readonly owners: readonly string[]
  /** So many owners must contribute rows. */
  readonly minimumOwners: number
}

/** No identifier has this form, so no statement reaches it and no schema has it. */
export const OWNER_COLUMN = '#owner'

/** Place of the owner in `owners`. */
export const ownerColumn = (owners: number): Column => ({
  name: OWNER_COLUMN,
  type: { kind: 'integer', min: 0, max: Math.max(0, owners - 1) },
  nullable: false,
  visibility: 'public',
  uses: [],
})

export const isOfOwner = ({ column }: OwnerRule, place: number): Predicate => ({
  kind: 'compare',
  comparison: '=',
  left: referenceTo(column),
  right: constant(BigInt(place)),
})

/** A demand that needs to know whose rows they are. */
const needsOwners = ({ policy }: Demand): boolean => policy.minimumOwners !== undefined

/**
 * The query with its rules; as it is where nobody demands any. Throws Refusal('policy-owners') where too few owners take
 * part for anything to be shown, or where a row of the result is not a row of one owner.
 */
export const withOwnerRules = (query: Query, tables: readonly TableInput[]): Query => {
  const strict = new Map(
    tables.flatMap(table => {
      const demands = demandsOf([table]).filter(needsOwners)
      return demands.length === 0 ? [] : [[table.schema.table, { table, demands }] as const]
    }),
  )
  if (strict.size === 0) return query
  const found: OwnerRule[] = []
  const ruleFor = (name: string): Rule | undefined => {
    const known = strict.get(name)
    return known && ruleOf(known.table, known.demands)
  }
  const from = withOwners(query.from, ruleFor)
  for (const source of query.beside) forbidIn(source, ruleFor, ...ONLY_COMPARED)
  for (const { rule, column } of from.rules) found.push({ ...rule, column })
  if (found.length > 0 && !query.grouped)
    throw refuse(found[0] as OwnerRule, 'the statement shows single rows', 'Group the rows.')
  return found.length === 0 ? query : { ...query, from: from.source, ownerRules: found }
}

type Rule = Omit<OwnerRule, 'column'>
type RuleFor = (table: string) => Rule | undefined

const refuse = ({ table }: Pick<OwnerRule, 'table'>, why: string, hint: string): Refusal =>
  new Refusal('policy-owners', `Owners of ${table} demand that several of them contribute, and ${why}.`, {
    hint,
  })

const ruleOf = ({ schema, owners }: TableInput, demands: readonly Demand[]): Rule => {
  const { table } = schema
  if (owners === undefined)
    throw new InputError(`A policy of ${table} speaks of its owners, and how many there are is not said.`, {
      hint: 'Give --owners with the number of owners of each table, in the order of --schema.',
    })
  const minimumOwners = Math.max(...demands.map(({ policy }) => policy.minimumOwners ?? 1))
  if (owners.length < minimumOwners)
    throw refuse(
      { table },
      `${minimumOwners} must, but ${owners.length} have shared data that is read`,
      'Read the data of more owners.',
    )
  return { table, owners: owners.map(({ name }) => name), minimumOwners }
}

interface WithOwners {
  readonly source: Source
  readonly rules: readonly { readonly rule: Rule; readonly column: Column }[]
}

const nullable = (column: Column): Column => ({ ...column, nullable: true })

const forbidIn = (inner: Source, ruleFor: RuleFor, why: string, hint: string): void => {
  const [first] = withOwners(inner, ruleFor).rules
  if (first !== undefined) throw refuse(first.rule, why, hint)
}

const ONLY_COMPARED = [
  'their rows only decide which others are counted',
  'Join the table instead, so that its rows are counted.',
] as const

/** Adds the owner's column to every table that has rules, and carries it outwards. */
const withOwners = (source: Source, ruleFor: RuleFor): WithOwners => {
  const forbid = (inner: Source, why: string, hint: string): void => forbidIn(inner, ruleFor, why, hint)
  switch (source.kind) {
    case 'table': {
      const rule = ruleFor(source.schema.table)
      if (rule === undefined) return { source, rules: [] }
      const [first] = source.columns
      // Columns are `alias.name` where a block reads several sources.
      const prefix = first === undefined ? '' : first.column.name.slice(0, -first.inside.length)
      const column = { ...ownerColumn(rule.owners.length), name: `${prefix}${OWNER_COLUMN}` }
      const columns: readonly SourceColumn[] = [...source.columns, { column, inside: OWNER_COLUMN }]
      return { source: { ...source, columns }, rules: [{ rule, column }] }
    }
    case 'derived': {
      const { query, alias } = source
      if (query.grouped) {
        for (const inner of [query.from, ...query.beside])
          forbid(inner, 'an inner query makes groups of their rows', 'Group the rows in the outermost query.')
        return { source, rules: [] }
      }
      const inner = withOwners(query.from, ruleFor)
      const carried = inner.rules.map(({ rule, column }) => ({
        rule,
        inside: column.name,
        column: { ...column, name: `${alias}.${column.name}` },
      }))
      return {
        source: {
          ...source,
          query: {
            ...query,
            from: inner.source,
            items: [
              ...query.items,
              ...inner.rules.map(({ column }) => ({
                name: column.name,
                kind: 'value' as const,
                of: referenceTo(column),
              })),
            ],
          },
          columns: [...source.columns, ...carried.map(({ column, inside }) => ({ column, inside }))],
        },
        rules: carried,
      }
    }
    case 'union':
      for (const inner of source.queries.flatMap(({ from, beside }) => [from, ...beside]))
        forbid(inner, 'UNION ALL puts their rows among others', 'Ask about each table by itself.')
      return { source, rules: [] }
    case 'join': {
      const left = withOwners(source.left, ruleFor)
      if (source.join === 'semi' || source.join === 'anti' || source.join === 'single') {
        forbid(source.right, ...ONLY_COMPARED)
        const columns = [...source.columns, ...left.rules.map(({ column }) => carried(column))]
        return { source: { ...source, left: left.source, columns }, rules: left.rules }
      }
      const right = withOwners(source.right, ruleFor)
      const ofRight = right.rules.map(({ rule, column }) => ({
        rule,
        column: source.join === 'left' ? nullable(column) : column,
      }))
      const rules = [...left.rules, ...ofRight]
      const columns = [...source.columns, ...rules.map(({ column }) => carried(column))]
      return { source: { ...source, left: left.source, right: right.source, columns }, rules }
    }
  }
}

const carried = (column: Column): SourceColumn => ({ column, inside: column.name })
