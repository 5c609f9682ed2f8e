/** The totals that a block needs, each once: sums and indicators are known by their text. */
import { ALWAYS, contributesOf, isAlways, NEVER, notNullOf, showIndicator } from '../contributors.ts'
import { type AggregateCall, type Expression, show } from '../expression.ts'
import { isOfOwner, OWNER_COLUMN, type OwnerRule } from '../owners.ts'
import { type GroupSlot, type Guard, type Indicator, type IndicatorAtom, ROWS } from '../plan.ts'

export interface SlotOf {
  readonly slot: string
  /** The slot that counts the rows which the total is about. */
  readonly guard: Guard
}

export interface Slots {
  /** Of every slot asked for so far; the count of rows first. */
  readonly all: readonly GroupSlot[]
  slotOf(aggregate: AggregateCall): SlotOf
  /** The same total over the rows of one owner alone, by its place in the rule. */
  ofOwner(slot: string, rule: OwnerRule, place: number): string
}

export const createSlots = (nullable: (column: string) => boolean): Slots => {
  const slots: GroupSlot[] = [{ name: ROWS, total: { kind: 'rows' } }]
  const indicators = new Map<string, string>()
  const add = (slot: GroupSlot): void => {
    if (!slots.some(({ name }) => name === slot.name)) slots.push(slot)
  }
  const indicatorSlot = (of: Indicator, name: string): string => {
    if (isAlways(of)) return ROWS
    const text = showIndicator(of)
    const known = indicators.get(text)
    if (known !== undefined) return known
    indicators.set(text, name)
    slots.push({ name, total: { kind: 'indicator', of } })
    return name
  }
  const slotOf = (aggregate: AggregateCall): SlotOf => {
    const name = show(aggregate)
    switch (aggregate.kind) {
      case 'count-star':
        return { slot: ROWS, guard: ROWS }
      case 'count': {
        const slot = indicatorSlot(notNullOf(aggregate.of, nullable), name)
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
        add({ name, total: { kind: 'value', of } })
        return { slot: name, guard }
      }
      case 'avg':
        throw new Error('AVG is rewritten before lowering')
      default: {
        const { of } = aggregate
        const guard = indicatorSlot(notNullOf(of, nullable), `COUNT(${show(of)})`)
        const column = columnIn(of)
        if (aggregate.kind === 'percentile') {
          const { numerator, digits, continuous } = aggregate
          add({ name, total: { kind: 'percentile', of: column, numerator, digits, continuous } })
        } else
          add({
            name,
            total: { kind: aggregate.kind === 'count-distinct' ? 'distinct' : aggregate.kind, of: column },
          })
        return { slot: name, guard }
      }
    }
  }
  const ofOwner = (slot: string, rule: OwnerRule, place: number): string => {
    const total = slots.find(({ name }) => name === slot)?.total
    const name = `${slot} of ${rule.owners[place]} in ${rule.column.name.replace(OWNER_COLUMN, rule.table)}`
    const when = isOfOwner(rule, place)
    const mine: IndicatorAtom = { kind: 'case', branches: [{ when, value: ALWAYS }], otherwise: NEVER }
    if (total?.kind === 'rows') add({ name, total: { kind: 'indicator', of: { kind: 'all', of: [mine] } } })
    else if (total?.kind === 'indicator')
      add({
        name,
        total: {
          kind: 'indicator',
          of: total.of.kind === 'never' ? NEVER : { kind: 'all', of: [...total.of.of, mine] },
        },
      })
    else throw new Error(`${slot} is no count`)
    return name
  }
  return { all: slots, slotOf, ofOwner }
}

/** What needs a sort is a column by then: binding computes it first. */
const columnIn = (of: Expression): string => {
  if (of.kind !== 'column') throw new Error(`${show(of)} is sorted by and not a column`)
  return of.column
}
