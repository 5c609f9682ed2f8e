/** The plan for people: what is asked, what is computed at which cost, and who learns what. This is what an owner reads. */
import { renderDisclosure } from './disclosure.ts'
import { showPredicate } from './expression.ts'
import type { CompiledQuery, Cost, PhysicalPlan, Step, StepCost } from './plan.ts'

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
  places.map(place => `${plan.keys[place]?.column} (${plan.keys[place]?.values.length})`).join(' × ')

const describe = (plan: PhysicalPlan, step: Step): string => {
  switch (step.operator) {
    case 'scan':
      return `${plan.table}: ${step.columns.join(', ') || 'row count only'}`
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
    case 'having':
      return showPredicate(step.predicate)
    case 'suppress':
      return 'values of groups that are not shown become 0'
    case 'reveal':
      return `to the recipient: ${step.vectors.map(vector => vector.name).join(', ')}`
  }
}

const costText = (cost: StepCost | undefined): string => {
  if (cost === undefined) return ''
  const most = Math.max(...cost.bytesPerParty)
  return `${plural(cost.rounds, 'round')}, ${bytesText(most)}`
}

export const explain = (compiled: CompiledQuery, cost?: Cost): string => {
  const { logical, plan, ranges, disclosure, digest } = compiled
  const steps = [...plan.perBlock, ...plan.perCell]
  const width = Math.max(...steps.map(step => step.operator.length))
  const blocks = Math.ceil(plan.rows / plan.rowBlock)
  const line = (step: Step): string => {
    const text = costText(cost?.steps.find(one => one.name === step.name))
    return `  ${step.operator.padEnd(width)}  ${text === '' ? '' : `[${text}] `}${describe(plan, step)}`
  }
  return [
    'logical plan',
    ...logical.map(text => `  ${text}`),
    '',
    `oblivious plan ${digest}`,
    `  ${plural(plan.rows, 'row')} in ${plural(blocks, 'block')}, minimum group size ${plan.minimumGroupSize}`,
    ...steps.map(line),
    ...(cost === undefined
      ? []
      : [
          `  total: ${plural(cost.rounds, 'round')}, ${bytesText(Math.max(...cost.bytesPerParty))} sent by each party at most`,
        ]),
    '',
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
