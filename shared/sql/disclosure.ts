/**
 * What a plan lets anyone learn: the statement that an owner reads and approves. It is derived from the plan alone, from
 * the same list of revealed vectors that `execute` obeys, so nothing can leave that is not named here.
 */
import { epsilonOf } from '../data/epsilon.ts'
import type { ColumnType } from '../data/schema.ts'
import { GRAM_BITS } from '../data/text/grams.ts'
import { collisionOneIn, WORD_BITS } from '../data/text/word.ts'
import { OWNER_COLUMN, showDominance } from './owners.ts'
import {
  type Disclosure,
  type Guard,
  keyNamesOf,
  movesRows,
  type PhysicalPlan,
  type RevealedVector,
  ROWS,
  revealedBy,
} from './plan.ts'

const rowsText = (count: number): string => (count === 1 ? '1 row' : `${count} rows`)

const dominanceChecks = (perCell: PhysicalPlan['perCell']) =>
  perCell.flatMap(step => (step.operator === 'dominance' ? step.checks : []))

/** What a guard says of a group. */
const conditionOf = ({ perCell, minimumGroupSize }: PhysicalPlan, guard: Guard): string => {
  const checks = dominanceChecks(perCell)
  const check = checks.find(one => one.guard === guard)
  return check === undefined
    ? `${guard} is at least ${minimumGroupSize}`
    : `${check.base} is at least ${minimumGroupSize} and no owner dominates ${check.of}`
}

const describeVector = (plan: PhysicalPlan, vector: RevealedVector, one: string): string => {
  if (vector.kind === 'shown')
    return vector.guard === ROWS
      ? `which ${one}s are shown`
      : `for each shown ${one}: whether ${conditionOf(plan, vector.guard)} (${vector.reason})`
  const condition = vector.guard === ROWS ? '' : `, where ${conditionOf(plan, vector.guard)}`
  return `for each shown ${one}${condition}: ${vector.name} (${vector.reason})`
}

/** Whose demand made the minimum what it is; nothing where it is what was asked for, or nobody says anything. */
const whoseMinimum = ({ minimumGroupSize, demands = [] }: PhysicalPlan): readonly string[] => {
  const strictest = demands.filter(({ policy }) => policy.minimumGroupSize === minimumGroupSize)
  const names = strictest.map(({ table, owner }) => `${owner} for ${table}`)
  return names.length === 0
    ? []
    : [`The minimum of ${rowsText(minimumGroupSize)} is demanded by ${names.join(', ')}.`]
}

const ownersNotes = ({ perCell, demands = [] }: PhysicalPlan): readonly string[] => {
  const checks = perCell.flatMap(step => (step.operator === 'owners' ? step.checks : []))
  const minima = new Map(checks.map(({ table, minimum }) => [table, minimum]))
  return [...minima].map(([table, minimum]) => {
    const names = demands.filter(of => of.table === table && of.policy.minimumOwners === minimum)
    return `A group, and each total of it, is shown only where rows of at least ${minimum} owners of ${table} contribute, as ${names.map(({ owner }) => owner).join(', ')} demands; how many do is not shown.`
  })
}

/** Each rule in words, with whose it is. */
const dominanceNotes = ({ perCell, demands = [] }: PhysicalPlan): readonly string[] => {
  const checks = dominanceChecks(perCell)
  const rules = checks.flatMap(({ table, rules: all }) => all.map(rule => ({ table, rule })))
  const distinct = new Map(rules.map(one => [JSON.stringify(one), one]))
  const said = [...distinct.values()].map(({ table, rule }) => {
    const names = demands.filter(
      ({ table: of, policy }) =>
        of === table && policy.dominance?.some(one => JSON.stringify(one) === JSON.stringify(rule)),
    )
    const condition =
      rule.rule === 'n-k'
        ? `${rule.n === 1 ? 'the largest owner contributes' : `the ${rule.n} largest owners contribute`} at most ${rule.k} % of it`
        : `what is left without the two largest owners is at least ${rule.p} % of the largest`
    return `A sum or mean over ${table} is shown only where ${condition} (${showDominance(rule)}), as ${names.map(({ owner }) => owner).join(', ')} demands.`
  })
  return said.length === 0
    ? []
    : [
        ...said,
        'These rules are about sums and means; MIN, MAX, percentiles and counts are shown without them.',
      ]
}

/** ε, what it is about, and how far numbers are off, in words. */
const privacyNotes = ({ perCell, demands = [] }: PhysicalPlan): readonly string[] =>
  perCell.flatMap(step => {
    if (step.operator !== 'noise') return []
    const { milliEpsilon, rowsPerPerson, slots } = step.privacy
    const spread = slots.map(({ slot, sensitivity }) => {
      const scale = (Number(sensitivity) * slots.length * 1000) / milliEpsilon
      return `${slot} ${Number((Math.SQRT2 * scale).toPrecision(2))}`
    })
    const budgets = demands.flatMap(({ table, owner, policy: { privacyBudget } }) =>
      privacyBudget === undefined ? [] : [`${owner} for ${table}: ${privacyBudget.epsilon}`],
    )
    return [
      `Every total carries noise that no party knows (discrete Laplace), also those that only decide what is shown: ε = ${epsilonOf(milliEpsilon)} for the report, shared by ${slots.length === 1 ? '1 total' : `${slots.length} totals`}. Replacing ${rowsPerPerson === 1 ? 'one row' : `the ${rowsPerPerson} rows of a person`} makes no result more than exp(ε) times as likely, up to 2^-30.`,
      `Standard deviation of the noise, in the units of the total without decimal point: ${spread.join(', ')}.`,
      `The run spends ε = ${epsilonOf(milliEpsilon)} of each budget: ${budgets.join(', ')}.`,
    ]
  })

const showsSingleValues = (vectors: readonly RevealedVector[]): boolean =>
  vectors.some(({ kind, slot }) => kind === 'total' && /^(MIN|MAX|PERCENTILE_)/.test(slot))

/** Where the most that can be shown comes from: the text's own LIMIT, or what any data of this size allow. */
const reasonOfCells = ({ cells, perCell }: PhysicalPlan): string =>
  perCell.some(step => step.operator === 'compact' && step.most > cells)
    ? 'LIMIT and OFFSET in the query'
    : 'row counts and group size'

/** Who applies ORDER BY, LIMIT and OFFSET, as far as the query has them. */
const orderNote = (
  { order, limit, offset, perCell, cells }: PhysicalPlan,
  one: string,
): readonly string[] => {
  const clauses = [
    ...(order.length > 0 ? ['ORDER BY'] : []),
    ...(limit !== null ? ['LIMIT'] : []),
    ...(offset > 0 ? ['OFFSET'] : []),
  ]
  if (clauses.length === 0) return []
  const compact = perCell.find(step => step.operator === 'compact')
  const isAre = `${clauses.length > 1 ? `${clauses.slice(0, -1).join(', ')} and ${clauses.at(-1)} are` : `${clauses[0]} is`}`
  if (compact === undefined || limit === null || compact.order.length < order.length)
    return [`${isAre} applied by the recipient, who learns all shown ${one}s.`]
  return offset > 0
    ? [
        `Only the first ${cells} ${one}s in this order are shown at all; the recipient leaves out the first ${offset}.`,
      ]
    : [`${isAre} applied before anything is shown.`]
}

/** Texts that a statement may name beside those of the rows; far more than anybody writes. */
const TEXTS_OF_STATEMENT_MAX = 1000

/** Columns of one kind that are read, by table and name, and values that they hold together. */
const ofKind = <K extends ColumnType['kind']>({ tables }: PhysicalPlan, kind: K) => {
  const isOfKind = (type: ColumnType): type is Extract<ColumnType, { kind: K }> => type.kind === kind
  const columns = tables.flatMap(({ table, rows, columns: all }) =>
    all.flatMap(({ name, type }) => (isOfKind(type) ? [{ name: `${table}.${name}`, type, rows }] : [])),
  )
  return { columns, values: columns.reduce((sum, { rows }) => sum + rows, 0) }
}

const namesOf = (columns: readonly { readonly name: string }[]): string =>
  columns.map(({ name }) => name).join(', ')

const similarityNotes = (plan: PhysicalPlan): readonly string[] => {
  const { columns } = ofKind(plan, 'grams')
  return columns.length === 0
    ? []
    : [
        `Spellings (${namesOf(columns)}) are compared as sets of bigrams at ${GRAM_BITS} places: similar ones need not mean the same person, and bigrams that share a place make texts look more alike.`,
      ]
}

/** What equality of texts is, and how sure. */
const textNotes = (plan: PhysicalPlan): readonly string[] => {
  const { columns, values } = ofKind(plan, 'text')
  if (columns.length === 0) return []
  const bySound = columns.filter(({ type }) => type.sound !== undefined)
  return [
    `Texts (${namesOf(columns)}) are compared by keyed words of ${WORD_BITS} bits: the chance that any two different texts are taken for the same is at most 1 in ${collisionOneIn(values + TEXTS_OF_STATEMENT_MAX)}.`,
    ...(bySound.length > 0
      ? [
          `${namesOf(bySound)}: names that sound alike are the same (Cologne phonetics), so some that are written differently are too.`,
        ]
      : []),
  ]
}

export const discloses = (plan: PhysicalPlan): Disclosure => {
  const { minimumGroupSize, perCell, tables, nodes } = plan
  const isGrouped = plan.form === 'cells' || perCell.some(step => step.operator === 'threshold')
  const one = isGrouped ? 'group' : 'row'
  const names = keyNamesOf(plan)
  const declared = nodes.flatMap(node => (node.operator === 'join' && node.checked ? [node] : []))
  const opened = nodes.some(movesRows) || plan.form === 'tables'
  const vectors = revealedBy(plan)
  const hasHaving = perCell.some(step => step.operator === 'having')
  const shown = `at least ${rowsText(minimumGroupSize)} after the filter${hasHaving ? ' that fulfil HAVING' : ''}`
  const publicColumns = tables.flatMap(({ table, columns }) =>
    columns
      .filter(column => column.visibility === 'public' && column.name !== OWNER_COLUMN)
      .map(({ name }) => (tables.length > 1 ? `${table}.${name}` : name)),
  )
  return {
    kind: 'disclosure',
    version: 1,
    recipientLearns: [
      ...(plan.form === 'tables'
        ? names.length > 0
          ? []
          : ['one result over all rows, or that it is not shown']
        : [
            names.length > 0
              ? `for each shown group: ${names.join(', ')}`
              : 'one result over all rows, or that it is not shown',
          ]),
      ...vectors.map(vector => describeVector(plan, vector, one)),
      ...(plan.form === 'tables' && names.length > 0
        ? [`nothing about ${one}s that are not shown, not even how many there are`]
        : []),
    ],
    partiesLearn: [
      `row counts per dataset version (${tables.length === 1 ? `together ${tables[0]?.rows}` : tables.map(({ table, rows }) => `${table}: together ${rows}`).join(', ')}), padding included`,
      ...(plan.form === 'tables'
        ? [
            `that no more than ${plan.cells} ${one}${plan.cells === 1 ? '' : 's'} can be shown, which follows from ${reasonOfCells(plan)}`,
          ]
        : []),
      'the schema, this plan, and who asks for what',
      ...(publicColumns.length > 0 ? [`public columns in the clear: ${publicColumns.join(', ')}`] : []),
      ...(opened ? ['random permutations by which rows are moved unseen; they say nothing about rows'] : []),
      ...declared.map(
        ({ on, matchesMax }) =>
          `one bit: whether at most ${matchesMax === 1 ? 'one row has' : `${matchesMax} rows have`} the same ${on.map(pair => pair.right).join(', ')}, as was declared; if not, the run aborts`,
      ),
      'the number of rounds and bytes, timing, and whether the run aborted',
      'nothing about secret columns or the result',
    ],
    notes: [
      ...(isGrouped
        ? [
            `A group is shown only with ${shown}; any other group is indistinguishable from an empty one.`,
            `An aggregate over an expression is shown only when at least ${rowsText(minimumGroupSize)} of the group ${minimumGroupSize === 1 ? 'contributes' : 'contribute'} to it.`,
            ...(showsSingleValues(vectors)
              ? ['MIN, MAX and percentiles are values of single rows, or lie between two of them.']
              : []),
          ]
        : ['The report shows single rows of what the owners shared.']),
      ...whoseMinimum(plan),
      ...ownersNotes(plan),
      ...dominanceNotes(plan),
      ...privacyNotes(plan),
      ...(hasHaving && isGrouped
        ? ['In HAVING an aggregate with fewer contributors is unknown, as if it were NULL.']
        : []),
      ...orderNote(plan, one),
      ...textNotes(plan),
      ...similarityNotes(plan),
      'Differences between shown results, within this report or with others, can be about fewer rows than the minimum; approve with that in mind.',
    ],
  }
}

export const renderDisclosure = (of: Disclosure): string =>
  [
    'recipient learns:',
    ...of.recipientLearns.map(line => `  - ${line}`),
    'every party learns:',
    ...of.partiesLearn.map(line => `  - ${line}`),
    'notes:',
    ...of.notes.map(line => `  - ${line}`),
  ].join('\n')
