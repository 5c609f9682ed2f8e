/** The totals that a block needs, each once: sums and indicators are known by their text. */
import { ALWAYS, contributesOf, isAlways, NEVER, notNullOf, showIndicator } from '../contributors.ts'
import { type AggregateCall, constant, type Expression, scaleOf, show } from '../expression.ts'
import { termsOf } from '../magnitude.ts'
import { isOfOwner, OWNER_COLUMN, type OwnerRule } from '../owners.ts'
import {
  type DominanceCheck,
  type GroupSlot,
  type Guard,
  type Indicator,
  type IndicatorAtom,
  ROWS,
} from '../plan.ts'
import type { Query } from '../query.ts'
import { countsByZero } from '../zeros.ts'

export interface SlotOf {
  readonly slot: string
  /** The slot that counts the rows which the total is about. */
  readonly guard: Guard
}

export interface Slots {
  /** Of every slot asked for so far; the count of rows first. */
  readonly all: readonly GroupSlot[]
  slotOf(aggregate: AggregateCall): SlotOf
  /** The slot that is compared with the minimum for a guard; itself but where dominance is looked at as well. */
  baseOf(guard: Guard): Guard
  /** Of a guard that counts, the same count over the rows of each owner. */
  countsByOwner(guard: Guard, rule: OwnerRule): readonly string[]
  /** What makes a guard of a sum, for each table with such rules. */
  dominanceOf(guard: Guard): readonly DominanceCheck[]
}

type OwnedTotal = Exclude<GroupSlot['total'], { readonly of: string }>

/** `query`: the outermost block, whose totals are shown, and where the rules of its owners hold. */
export const createSlots = (nullable: (column: string) => boolean, query?: Query): Slots => {
  const byZero = query === undefined ? () => false : countsByZero(query)
  const dominating = (query?.ownerRules ?? []).filter(({ dominance }) => dominance.length > 0)
  const dominated = new Map<
    Guard,
    { readonly base: Guard; readonly slot: string; readonly terms: readonly Expression[] }
  >()
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
        const [notNull, contributes] = [notNullOf(of, nullable), contributesOf(of, nullable, byZero)]
        const guard = indicatorSlot(
          contributes,
          showIndicator(notNull) === showIndicator(contributes)
            ? `COUNT(${show(of)})`
            : `CONTRIBUTORS(${show(of)})`,
        )
        add({ name, total: { kind: 'value', of } })
        const terms = query === undefined || dominating.length === 0 ? [] : termsOf(query, of)
        if (terms.length === 0) return { slot: name, guard }
        const dominance = `DOMINANCE(${name})`
        dominated.set(dominance, { base: guard, slot: name, terms })
        return { slot: name, guard: dominance }
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
  const ofOwner = (total: OwnedTotal, text: string, rule: OwnerRule, place: number): string => {
    const name = `${text} of ${rule.owners[place]} in ${rule.column.name.replace(OWNER_COLUMN, rule.table)}`
    const when = isOfOwner(rule, place)
    const mine: IndicatorAtom = { kind: 'case', branches: [{ when, value: ALWAYS }], otherwise: NEVER }
    const indicator = (of: Indicator): Indicator =>
      of.kind === 'never' ? NEVER : { kind: 'all', of: [...of.of, mine] }
    if (total.kind === 'value')
      add({
        name,
        total: {
          kind: 'value',
          of: {
            kind: 'case',
            branches: [{ when, value: total.of }],
            otherwise: constant(0n, scaleOf(total.of)),
          },
        },
      })
    else add({ name, total: { kind: 'indicator', of: indicator(total.kind === 'rows' ? ALWAYS : total.of) } })
    return name
  }
  const countsByOwner = (guard: Guard, rule: OwnerRule): readonly string[] => {
    const total = slots.find(({ name }) => name === guard)?.total
    if (total?.kind !== 'rows' && total?.kind !== 'indicator') throw new Error(`${guard} is no count`)
    return rule.owners.map((_, place) => ofOwner(total, guard, rule, place))
  }
  const dominanceOf = (guard: Guard): readonly DominanceCheck[] => {
    const sum = dominated.get(guard)
    if (sum === undefined) return []
    return dominating.map(rule => ({
      guard,
      base: sum.base,
      of: sum.slot,
      table: rule.table,
      terms: sum.terms.map(term =>
        rule.owners.map((_, place) =>
          ofOwner({ kind: 'value', of: term }, `SUM(${show(term)})`, rule, place),
        ),
      ),
      rules: rule.dominance,
    }))
  }
  return {
    all: slots,
    slotOf,
    countsByOwner,
    dominanceOf,
    baseOf: guard => dominated.get(guard)?.base ?? guard,
  }
}

/** What needs a sort is a column by then: binding computes it first. */
const columnIn = (of: Expression): string => {
  if (of.kind !== 'column') throw new Error(`${show(of)} is sorted by and not a column`)
  return of.column
}
