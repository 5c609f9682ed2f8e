/**
 * Whose rows a result is about, where an owner demands that several contribute. Every row of such a table carries the
 * place of its owner in a public column that no statement can name; the outermost block is given it beside its other
 * columns, so that counts and totals can be made for each owner, as secret as all others.
 */
import { InputError, Refusal } from '../base/errors.ts'
import type { DominanceRule } from '../data/policy.ts'
import type { Column } from '../data/schema.ts'
import { FIELD_LIMIT } from '../field/field.ts'
import { type Demand, demandsOf, type TableInput } from './demands.ts'
import {
  constant,
  type Expression,
  type Predicate,
  referenceTo,
  show,
  walk,
  walkPredicate,
} from './expression.ts'
import { intervalOf } from './interval.ts'
import { termsOf } from './magnitude.ts'
import { columnsOfQuery, type Query, type Source, type SourceColumn } from './query.ts'

/** What a group, and every total of it, must fulfil beside the minimum group size. */
export interface OwnerRule {
  readonly table: string
  /** The column that says whose row it is, as the outermost block names it. */
  readonly column: Column
  readonly owners: readonly string[]
  /** So many owners must contribute rows. */
  readonly minimumOwners: number
  /** For sums, the rules of all owners. */
  readonly dominance: readonly DominanceRule[]
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
const needsOwners = ({ policy }: Demand): boolean =>
  policy.minimumOwners !== undefined || policy.dominance !== undefined

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
  if (found.length === 0) return query
  const ruled = { ...query, from: from.source, ownerRules: found }
  checkSums(ruled, found)
  return ruled
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
  const rules = demands.flatMap(({ policy }) => policy.dominance ?? [])
  const dominance = [...new Map(rules.map(rule => [JSON.stringify(rule), rule])).values()]
  for (const rule of dominance) {
    const named = rule.rule === 'n-k' ? rule.n : 2
    if (owners.length <= named)
      throw refuse(
        { table },
        `the rule ${showDominance(rule)} shows no sum of ${named} or fewer owners, but ${owners.length} have shared data that is read`,
        'Read the data of more owners.',
      )
    const count = instancesOf(rule, owners.length)
    if (count > INSTANCES_MAX)
      throw refuse(
        { table },
        `the rule ${showDominance(rule)} takes ${count} comparisons a total for ${owners.length} owners, and ${INSTANCES_MAX} are the most`,
        'Read the data of fewer owners at a time, or agree on a rule over fewer of the largest.',
      )
  }
  return { table, owners: owners.map(({ name }) => name), minimumOwners, dominance }
}

/** Beyond these the comparisons are most of a report. */
const INSTANCES_MAX = 10_000

const instancesOf = (rule: DominanceRule, owners: number): number =>
  rule.rule === 'p-percent'
    ? owners * (owners - 1)
    : Array.from({ length: rule.n }, (_, i) => i).reduce((count, i) => (count * (owners - i)) / (i + 1), 1)

export const showDominance = (rule: DominanceRule): string =>
  rule.rule === 'n-k' ? `(n,k) = (${rule.n},${rule.k})` : `p = ${rule.p} %`

/** Every SUM that a block speaks of. */
const sumsOf = ({ aggregates, items, having }: Query): readonly Expression[] =>
  [
    ...aggregates,
    ...items.flatMap(item => (item.kind === 'formula' ? walk(item.of) : [])),
    ...(having === null ? [] : walkPredicate(having)),
  ].flatMap(of => (of.kind === 'sum' || of.kind === 'avg' ? [of.of] : []))

/**
 * The comparisons need totals that are not negative and, 100 + p times as large, fit twice into F_p's half. Throws
 * Refusal('policy-dominance') or Refusal('range-exceeded').
 */
const checkSums = (query: Query, rules: readonly OwnerRule[]): void => {
  const dominance = rules.flatMap(rule => rule.dominance)
  if (dominance.length === 0) return
  const factor = BigInt(Math.max(...dominance.map(rule => (rule.rule === 'n-k' ? 100 : 100 + rule.p))))
  const columns = new Map(columnsOfQuery(query).map(column => [column.name, column]))
  const scope = { column: (name: string) => columns.get(name), rows: query.from.rows }
  for (const of of sumsOf(query))
    for (const term of termsOf(query, of)) {
      const { low, high } = intervalOf({ kind: 'sum', of: term }, scope)
      if (low < 0n)
        throw new Refusal(
          'policy-dominance',
          `Owners demand a dominance rule, and ${show(term)} in SUM(${show(of)}) may be negative, so shares of a total mean nothing.`,
          { hint: 'Declare bounds from 0 on where no value is negative, or leave the total out.' },
        )
      if (2n * factor * high + 1n >= FIELD_LIMIT)
        throw new Refusal(
          'range-exceeded',
          `Dominance in SUM(${show(of)}): ${factor} times the total of ${show(term)} may reach ${factor * high}, outside of ±2^59.`,
          { hint: 'Tighter bounds in the schema, fewer decimals or fewer rows make it fit.' },
        )
    }
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
    case 'filter': {
      const { source: input, rules } = withOwners(source.input, ruleFor)
      const columns = [...source.columns, ...rules.map(({ column }) => carried(column))]
      return { source: { ...source, input, columns }, rules }
    }
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
