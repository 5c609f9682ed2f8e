/** The plan for people: what is asked, what is computed at which cost, and who learns what. This is what an owner reads. */
import { type Analysis, renderAnalysis } from './analyze.ts'
import { renderDisclosure } from './disclosure.ts'
import { estimateOf, renderEstimate, type Surroundings } from './estimate.ts'
import { show, showPredicate } from './expression.ts'
import { showDominance } from './owners.ts'
import type {
  CompiledQuery,
  Considered,
  Cost,
  HeldColumn,
  PhysicalPlan,
  RowOrdering,
  Step,
  StepCost,
  TableNode,
} from './plan.ts'
import { leadsOf } from './waves.ts'

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

const bytesText = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`
}

const keyNames = (plan: PhysicalPlan, places: readonly number[]): string =>
  plan.form === 'tables'
    ? ''
    : places.map(place => `${plan.keys[place]?.column} (${plan.keys[place]?.values.length})`).join(' × ')

const ordering = (order: readonly RowOrdering[]): string =>
  order.map(({ column, descending }) => `${column}${descending ? ' DESC' : ''}`).join(', ')

const heldNames = (holds: readonly HeldColumn[]): string =>
  holds.map(({ column }) => column.name).join(', ') || 'row count only'

/** What a node does, in a line. */
export const describeNode = (node: TableNode): string => {
  switch (node.operator) {
    case 'read':
      return `${node.table}: ${heldNames(node.holds)}`
    case 'rename':
      return `as ${heldNames(node.holds)}`
    case 'select':
      return showPredicate(node.predicate)
    case 'derive':
      return node.computed
        .map(({ name, of }) => (show(of) === name ? name : `${show(of)} AS ${name}`))
        .join(', ')
    case 'union':
      return plural(node.inputs.length, 'table')
    case 'join': {
      const on = node.on.map(({ left, right }) => `${left} = ${right}`).join(' AND ')
      return `${node.join}, ${on}${node.matchesMax > 1 ? `, at most ${node.matchesMax} matches a row` : ''}${node.checked ? ', checked' : ''}`
    }
    case 'attach':
      return 'one row beside every row'
    case 'collect':
      return `${node.keys.length > 0 ? `by ${node.keys.join(', ')}` : 'all rows'}: ${node.slots.map(slot => slot.name).join(', ')}`
    case 'nullify':
      return node.nulls.map(({ column }) => column).join(', ')
    case 'window':
      return `${node.functions.map(one => one.name).join(', ')}${node.partition.length > 0 ? ` by ${node.partition.join(', ')}` : ''}${node.order.length > 0 ? ` in order of ${ordering(node.order)}` : ''}`
    case 'top':
      return `first ${node.rows} in order of ${ordering(node.order)}`
  }
}

/** What a step does, in a line. */
export const describeStep = (plan: PhysicalPlan, step: Step): string => {
  switch (step.operator) {
    case 'scan':
      return `${plan.nodes.length === 0 ? plan.tables[0]?.table : 'rows'}: ${step.columns.join(', ') || 'row count only'}`
    case 'filter':
      return showPredicate(step.predicate)
    case 'group': {
      const parts = [
        ...(step.partition.length > 0 ? [`public ${keyNames(plan, step.partition)}`] : []),
        ...(step.left.length > 0 ? [`one-hot ${keyNames(plan, step.left)}`] : []),
        ...(step.right.length > 0 ? [`weighted by one-hot ${keyNames(plan, step.right)}`] : []),
      ]
      return `${plural(plan.cells, 'group')}${parts.length > 0 ? `: ${parts.join('; ')}` : ''}`
    }
    case 'convert':
      return 'membership bits to F_p'
    case 'compute':
      return step.slots.map(slot => slot.name).join(', ')
    case 'aggregate':
      return step.slots.join(', ')
    case 'threshold':
      return step.guards.map(guard => `${guard} >= ${step.minimum}`).join(', ')
    case 'owners':
      return step.checks
        .map(
          ({ guard, table, counts, minimum }) =>
            `${guard} from ${minimum} of ${counts.length} owners of ${table}`,
        )
        .join(', ')
    case 'noise':
      return `discrete Laplace on ${step.privacy.slots.map(({ slot }) => slot).join(', ')}`
    case 'dominance':
      return step.checks
        .map(
          ({ of, table, rules, terms }) =>
            `${of} by ${terms[0]?.length} owners of ${table}: ${rules.map(showDominance).join(', ')}`,
        )
        .join('; ')
    case 'having':
      return showPredicate(step.predicate)
    case 'compact':
      return `shown ones to the front, ${plan.cells} at most${step.order.length > 0 ? `, in order of ${ordering(step.order)}` : ''}`
    case 'suppress':
      return 'values of groups that are not shown become 0'
    case 'reveal':
      return `to the recipient: ${step.vectors.map(vector => vector.name).join(', ')}`
  }
}

/** `lead`: the step under whose name the cost is counted, where several run at once. */
const costText = (cost: StepCost | undefined, lead: string | undefined): string => {
  if (cost === undefined) return ''
  if (lead !== undefined && lead !== cost.name) return `at once with ${lead}`
  const most = Math.max(...cost.bytesPerParty)
  return `${plural(cost.rounds, 'round')}, ${bytesText(most)}${lead === undefined ? '' : ` for ${lead} and others`}`
}

const consideredText = ({ what, seconds, fits }: Considered): string =>
  `about ${seconds.toFixed(1)} s: ${what}${fits ? '' : ' (more memory than any function has)'}`

interface ExplainOptions {
  readonly cost?: Cost
  /** For the time; left out, where nothing is known about them. */
  readonly surroundings?: Surroundings | undefined
  /** What was measured. */
  readonly analysis?: Analysis | undefined
}

export const explain = (
  compiled: CompiledQuery,
  { cost, surroundings, analysis }: ExplainOptions = {},
): string => {
  const { logical, plan, ranges, considered, disclosure, digest } = compiled
  const steps = [...plan.nodes, ...(plan.form === 'cells' ? plan.perBlock : []), ...plan.perCell]
  const leads = leadsOf(plan)
  const width = Math.max(...steps.map(step => step.operator.length))
  const rows = plan.tables.reduce((sum, table) => sum + table.rows, 0)
  const blocks = plan.form === 'cells' ? ` in ${plural(Math.ceil(plan.rows / plan.rowBlock), 'block')}` : ''
  const line = (step: Step | TableNode): string => {
    const text = costText(
      cost?.steps.find(one => one.name === step.name),
      leads.get(step.name),
    )
    return `  ${step.operator.padEnd(width)}  ${text === '' ? '' : `[${text}] `}${'holds' in step ? describeNode(step) : describeStep(plan, step)}`
  }
  return [
    'logical plan',
    ...logical.map(text => `  ${text}`),
    '',
    `oblivious plan ${digest}`,
    `  ${plural(rows, 'row')}${blocks}, minimum group size ${plan.minimumGroupSize}`,
    ...steps.map(line),
    ...(cost === undefined
      ? []
      : [
          `  total: ${plural(cost.rounds, 'round')}, ${bytesText(Math.max(...cost.bytesPerParty))} sent by each party at most`,
        ]),
    '',
    ...(cost === undefined
      ? []
      : [
          'what it takes',
          ...renderEstimate(estimateOf(compiled, cost, surroundings)).map(text => `  ${text}`),
          '',
        ]),
    ...(considered.length === 0
      ? []
      : ['plans compared (the first is taken)', ...considered.map(text => `  ${consideredText(text)}`), '']),
    ...(analysis === undefined
      ? []
      : ['measured, beside the estimate', ...renderAnalysis(analysis).map(text => `  ${text}`), '']),
    'ranges (must stay between -2^60 and 2^60)',
    ...ranges.map(({ what, low, high }) => `  ${what}: ${low} … ${high}`),
    '',
    'disclosure',
    ...renderDisclosure(disclosure)
      .split('\n')
      .map(text => `  ${text}`),
    '',
  ].join('\n')
}
