/** What the recipient shows, and the vectors that have to leave the computation for it: each once, and no other. */
import type { Column } from '../../data/schema.ts'
import {
  type AggregateCall,
  type Expression,
  isAggregate,
  scaleOf,
  show,
  typeOf,
  walk,
} from '../expression.ts'
import {
  type FormulaLeaf,
  type Guard,
  type HavingInput,
  type Output,
  type RevealedVector,
  ROWS,
  type Step,
} from '../plan.ts'
import type { Item, Query } from '../query.ts'
import type { Slots } from './slots.ts'

const columnIn = (query: Query, of: Expression): Column | undefined => {
  const name = of.kind === 'column' ? of.column : undefined
  return [...query.from.columns, ...query.computed].find(({ column }) => column.name === name)?.column
}

export const outputsOf = (query: Query, slots: Slots): readonly Output[] =>
  query.items.map((item, place): Output => {
    const { name } = item
    switch (item.kind) {
      case 'key':
        return item
      case 'aggregate': {
        const aggregate = query.aggregates[item.aggregate] as AggregateCall
        return totalOf(query, name, aggregate, slots)
      }
      case 'ratio': {
        const sum = query.aggregates[item.sum] as AggregateCall
        const { slot, guard } = slots.slotOf(sum)
        const count = slots.slotOf(query.aggregates[item.count] as AggregateCall).slot
        return { name, kind: 'average', sum: slot, count, guard, scale: scaleOf(sum) }
      }
      case 'formula':
        return { name, kind: 'formula', of: item.of, leaves: leavesOf(query, item, slots) }
      default:
        return { name, kind: 'key', key: place }
    }
  })

const totalOf = (query: Query, name: string, aggregate: AggregateCall, slots: Slots): Output => {
  const isValue = aggregate.kind === 'min' || aggregate.kind === 'max' || aggregate.kind === 'percentile'
  const column = isValue ? columnIn(query, aggregate.of) : undefined
  return {
    name,
    kind: 'total',
    ...slots.slotOf(aggregate),
    scale: scaleOf(aggregate),
    ...(column !== undefined && typeOf(aggregate) !== 'number' && { column }),
  }
}

const leavesOf = (
  { keys }: Query,
  { of }: Extract<Item, { kind: 'formula' }>,
  slots: Slots,
): readonly (readonly [string, FormulaLeaf])[] => {
  const leaves = new Map<string, FormulaLeaf>()
  const visit = (part: Expression): void => {
    if (isAggregate(part)) leaves.set(show(part), { kind: 'total', ...slots.slotOf(part) })
    else if (part.kind === 'column')
      leaves.set(show(part), { kind: 'key', key: keys.findIndex(({ name }) => name === part.column) })
    else for (const child of directParts(part)) visit(child)
  }
  visit(of)
  return [...leaves]
}

/** One level down: `walk` would go on into the aggregates. */
const directParts = (of: Expression): readonly Expression[] => {
  switch (of.kind) {
    case 'negate':
    case 'sqrt':
      return [of.of]
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
      return [of.left, of.right]
    default:
      return walk(of).slice(1)
  }
}

/** Flags first, then the columns that name a row, then totals; each once. Only what an output needs leaves the computation. */
export const revealedVectors = (
  outputs: readonly Output[],
  rowKeys: readonly Column[],
): readonly RevealedVector[] => {
  const totals = new Map<string, RevealedVector>()
  const add = (slot: string, guard: Guard, reason: string): void => {
    const key = JSON.stringify([slot, guard])
    if (!totals.has(key)) totals.set(key, { name: slot, kind: 'total', slot, guard, reason })
  }
  const shownKeys = new Set<number>()
  for (const output of outputs) {
    if (output.kind === 'key') shownKeys.add(output.key)
    if (output.kind === 'total') add(output.slot, output.guard, `output ${output.name}`)
    if (output.kind === 'average') {
      add(output.sum, output.guard, `sum for the average ${output.name}`)
      add(output.count, output.guard, `count for the average ${output.name}`)
    }
    if (output.kind === 'formula')
      for (const [text, leaf] of output.leaves)
        if (leaf.kind === 'key') shownKeys.add(leaf.key)
        else
          add(leaf.slot, leaf.guard, leaf.slot === text ? `for ${output.name}` : `${text} for ${output.name}`)
  }
  const guards = [...new Set([ROWS, ...[...totals.values()].map(vector => vector.guard)])]
  const flags = guards.map(
    (guard): RevealedVector => ({
      name: guard === ROWS ? 'group is shown' : `shown: ${guard}`,
      kind: 'shown',
      slot: guard,
      guard,
      reason:
        guard === ROWS
          ? 'tells shown groups from suppressed ones'
          : `tells whether values that need ${guard} are suppressed`,
    }),
  )
  const columns = rowKeys.flatMap(({ name, nullable }, place): RevealedVector[] => {
    if (!shownKeys.has(place)) return []
    const shared = { slot: name, guard: ROWS }
    return [
      ...(nullable
        ? [
            {
              ...shared,
              name: `known: ${name}`,
              kind: 'known',
              reason: `tells whether ${name} is NULL`,
            } as const,
          ]
        : []),
      { ...shared, name, kind: 'column', reason: `column ${name}` },
    ]
  })
  return [...flags, ...columns, ...totals.values()]
}

/** The comparisons that decide what is shown, and the slots that they need: before slots are made of rows. */
export const thresholdSteps = (
  { ownerRules = [] }: Query,
  slots: Slots,
  guards: readonly Guard[],
  minimum: number,
): readonly Step[] => {
  const counted = [...new Set(guards.map(slots.baseOf))]
  const owners = ownerRules
    .filter(({ minimumOwners }) => minimumOwners > 1)
    .flatMap(rule =>
      counted.map(guard => ({
        guard,
        table: rule.table,
        counts: slots.countsByOwner(guard, rule),
        minimum: rule.minimumOwners,
      })),
    )
  const dominance = guards.flatMap(slots.dominanceOf)
  return [
    { name: 'threshold', operator: 'threshold', guards: counted, minimum },
    ...(owners.length === 0 ? [] : [{ name: 'owners', operator: 'owners', checks: owners } as const]),
    ...(dominance.length === 0
      ? []
      : [{ name: 'dominance', operator: 'dominance', checks: dominance } as const]),
  ]
}

/** Every total that these steps compare. */
export const comparedBy = (steps: readonly Step[]): readonly string[] =>
  steps.flatMap(step => {
    if (step.operator === 'threshold') return step.guards
    if (step.operator === 'owners') return step.checks.flatMap(({ counts }) => counts)
    return step.operator === 'dominance' ? step.checks.flatMap(({ terms }) => terms.flat()) : []
  })

/** Everything that decides whether a vector is shown. */
export const guardsOf = (
  vectors: readonly RevealedVector[],
  inputs: readonly HavingInput[] = [],
): readonly Guard[] => [
  ...new Set([ROWS, ...vectors.map(vector => vector.guard), ...inputs.map(input => input.guard)]),
]
