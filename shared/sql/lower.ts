/**
 * Logical plan to oblivious physical plan. Groups are the cross product of the keys' declared domains, so that which
 * groups exist is as secret as everything else until the minimum group size has been checked.
 */
import { InputError } from '../base/errors.ts'
import { type Column, rangeOf } from '../data/schema.ts'
import { contributesOf, isAlways, notNullOf, showIndicator } from './contributors.ts'
import {
  type AggregateCall,
  columnsOf,
  type Expression,
  scaleOf,
  show,
  walk,
  walkPredicate,
} from './expression.ts'
import type {
  Guard,
  HavingInput,
  Indicator,
  Output,
  PhysicalPlan,
  PlanKey,
  RevealedVector,
  Slot,
  Step,
} from './plan.ts'
import type { Query } from './query.ts'
import { rewritePredicate } from './rules/rule.ts'

/** Domains and cells beyond these make one-hot vectors the wrong tool; a public key has none and may fill all cells. */
const WIDEST_KEY = 1000
const MOST_CELLS = 4096
/** Bounds the memory of a block: elements of F_p that it holds at once. */
const ELEMENTS_PER_BLOCK = 1 << 22
const WIDEST_BLOCK = 1 << 18
const NARROWEST_BLOCK = 1 << 10

/** Every plan counts the rows of each cell. */
export const ROWS = 'COUNT(*)'

const keyOf = (column: Column): PlanKey => {
  const { low, high } = rangeOf(column.type)
  const size = high - low + 1n + (column.nullable ? 1n : 0n)
  const widest = column.visibility === 'public' ? MOST_CELLS : WIDEST_KEY
  if (size > BigInt(widest))
    throw new InputError(`GROUP BY ${column.name}: its declared domain has ${size} values.`, {
      hint: `A group key may have at most ${widest}; declare tighter bounds, or group by another column.`,
    })
  const values: (string | null)[] = Array.from({ length: Number(high - low) + 1 }, (_, i) =>
    (low + BigInt(i)).toString(),
  )
  return { column: column.name, values: column.nullable ? [...values, null] : values }
}

/** Splits the secret keys in two so that the fewest elements of F_p are made for a row. */
const splitKeys = (keys: readonly PlanKey[], secret: readonly number[], values: number) => {
  const size = (places: readonly number[]): number =>
    places.reduce((product, place) => product * (keys[place]?.values.length ?? 1), 1)
  const pick = (mask: number, bit: number): readonly number[] =>
    secret.filter((_, i) => ((mask >> i) & 1) === bit)
  const splits = Array.from({ length: 1 << secret.length }, (_, mask) => {
    const [left, right] = [pick(mask, 0), pick(mask, 1)]
    const elements = right.length === 0 ? size(left) : size(left) + size(right) * (1 + values)
    return { left, right, elements }
  })
  return splits.reduce((best, split) => (split.elements < best.elements ? split : best))
}

/** Collects slots, each once; sums and indicators are known by their text. */
const createSlots = (nullable: (column: string) => boolean) => {
  const slots: Slot[] = [{ name: ROWS, total: { kind: 'rows' } }]
  const indicators = new Map<string, string>()
  const indicatorSlot = (of: Indicator, name: string): string => {
    if (isAlways(of)) return ROWS
    const text = showIndicator(of)
    const known = indicators.get(text)
    if (known !== undefined) return known
    indicators.set(text, name)
    slots.push({ name, total: { kind: 'indicator', of } })
    return name
  }
  const slotOf = (aggregate: AggregateCall): { readonly slot: string; readonly guard: Guard } => {
    switch (aggregate.kind) {
      case 'count-star':
        return { slot: ROWS, guard: ROWS }
      case 'count': {
        const slot = indicatorSlot(notNullOf(aggregate.of, nullable), show(aggregate))
        return { slot, guard: slot }
      }
      case 'sum': {
        const { of } = aggregate
        const [notNull, contributes] = [notNullOf(of, nullable), contributesOf(of, nullable)]
        const guard = indicatorSlot(
          contributes,
          showIndicator(notNull) === showIndicator(contributes)
            ? `COUNT(${show(of)})`
            : `CONTRIBUTORS(${show(of)})`,
        )
        const name = show(aggregate)
        if (!slots.some(slot => slot.name === name)) slots.push({ name, total: { kind: 'value', of } })
        return { slot: name, guard }
      }
      case 'avg':
        throw new Error('AVG is rewritten before lowering')
      default:
        throw new Error(`${aggregate.kind} takes a sort`)
    }
  }
  return { slots, slotOf }
}

export const lower = (
  query: Query,
  options: {
    readonly rows: number
    readonly minimumGroupSize: number
    readonly stageRowsMax?: number | undefined
  },
): PhysicalPlan => {
  const { from, where } = query
  if (from.kind !== 'table') throw new Error('cells are of one table')
  const { schema } = from
  const columnNamed = (name: string): Column => schema.columns.find(column => column.name === name) as Column
  const { slots, slotOf } = createSlots(name => columnNamed(name).nullable)

  const keys = query.keys.map(keyOf)
  const cells = keys.reduce((product, key) => product * key.values.length, 1)
  if (cells > MOST_CELLS)
    throw new InputError(
      `GROUP BY ${keys.map(key => key.column).join(', ')}: the keys' declared domains have ${cells} combinations.`,
      { hint: `At most ${MOST_CELLS} groups; group by fewer keys, or declare tighter bounds.` },
    )

  const outputs = query.items.map((item): Output => {
    if (item.kind === 'key') return item
    if (item.kind === 'aggregate') {
      const aggregate = query.aggregates[item.aggregate] as AggregateCall
      return { name: item.name, kind: 'total', ...slotOf(aggregate), scale: scaleOf(aggregate) }
    }
    if (item.kind !== 'ratio') throw new Error(`${item.kind} is no output of cells`)
    const sum = query.aggregates[item.sum] as AggregateCall
    const { slot, guard } = slotOf(sum)
    const count = slotOf(query.aggregates[item.count] as AggregateCall).slot
    return { name: item.name, kind: 'average', sum: slot, count, guard, scale: scaleOf(sum) }
  })

  const inputs = new Map<string, HavingInput>()
  const having =
    query.having &&
    rewritePredicate(query.having, {
      expression: (of): Expression => {
        if (of.kind !== 'count-star' && of.kind !== 'count' && of.kind !== 'sum') return of
        const { slot, guard } = slotOf(of)
        const scale = scaleOf(of)
        inputs.set(slot, { name: slot, slot, guard, scale })
        return { kind: 'column', column: slot, type: 'number', scale }
      },
    })

  const vectors = revealedVectors(outputs)
  const guards = [
    ...new Set([
      ROWS,
      ...vectors.map(vector => vector.guard),
      ...[...inputs.values()].map(input => input.guard),
    ]),
  ]

  const secret = keys.flatMap((key, place) =>
    columnNamed(key.column).visibility === 'secret' ? [place] : [],
  )
  const partition = keys.flatMap((_, place) => (secret.includes(place) ? [] : [place]))
  const { left, right, elements } = splitKeys(keys, secret, slots.length - 1)
  const rowBlock = Math.min(
    options.stageRowsMax ?? WIDEST_BLOCK,
    WIDEST_BLOCK,
    Math.max(NARROWEST_BLOCK, Math.floor(ELEMENTS_PER_BLOCK / (elements + 2 * slots.length) / 64) * 64),
  )

  const read = columnsOf([
    ...query.aggregates.flatMap(walk),
    ...(where === null ? [] : walkPredicate(where)),
    ...(query.having === null ? [] : walkPredicate(query.having)),
  ])
  const columns = schema.columns.filter(
    column => read.has(column.name) || keys.some(key => key.column === column.name),
  )

  const perBlock: Step[] = [
    { name: 'scan', operator: 'scan', columns: columns.map(column => column.name) },
    ...(where === null ? [] : [{ name: 'filter', operator: 'filter', predicate: where } as const]),
    { name: 'group', operator: 'group', partition, left, right },
    { name: 'convert', operator: 'convert' },
    { name: 'compute', operator: 'compute', slots },
    { name: 'aggregate', operator: 'aggregate', slots: slots.map(slot => slot.name) },
  ]
  const perCell: Step[] = [
    { name: 'threshold', operator: 'threshold', guards, minimum: options.minimumGroupSize },
    ...(having === null
      ? []
      : [{ name: 'having', operator: 'having', predicate: having, inputs: [...inputs.values()] } as const]),
    { name: 'suppress', operator: 'suppress' },
    { name: 'reveal', operator: 'reveal', vectors },
  ]
  return {
    kind: 'plan',
    version: 1,
    table: schema.table,
    rows: options.rows,
    rowBlock,
    minimumGroupSize: options.minimumGroupSize,
    columns,
    keys,
    cells,
    perBlock,
    perCell,
    outputs,
    order: query.order,
    limit: query.limit,
    offset: query.offset,
  }
}

/** Flags first, then totals; each once. Only what an output needs leaves the computation. */
const revealedVectors = (outputs: readonly Output[]): readonly RevealedVector[] => {
  const totals = new Map<string, RevealedVector>()
  const add = (slot: string, guard: Guard, scale: number, reason: string): void => {
    const key = JSON.stringify([slot, guard])
    if (!totals.has(key)) totals.set(key, { name: slot, kind: 'total', slot, guard, scale, reason })
  }
  for (const output of outputs) {
    if (output.kind === 'total') add(output.slot, output.guard, output.scale, `output ${output.name}`)
    if (output.kind === 'average') {
      add(output.sum, output.guard, output.scale, `sum for the average ${output.name}`)
      add(output.count, output.guard, 0, `count for the average ${output.name}`)
    }
  }
  const guards = [...new Set([ROWS, ...[...totals.values()].map(vector => vector.guard)])]
  const flags = guards.map(
    (guard): RevealedVector => ({
      name: guard === ROWS ? 'group is shown' : `shown: ${guard}`,
      kind: 'shown',
      slot: guard,
      guard,
      scale: 0,
      reason:
        guard === ROWS
          ? 'tells shown groups from suppressed ones'
          : `tells whether values that need ${guard} are suppressed`,
    }),
  )
  return [...flags, ...totals.values()]
}
