/** HAVING over totals: aggregates become names of slots, known only where their guard holds. */
import { type AggregateCall, type Expression, isAggregate, type Predicate, scaleOf } from '../expression.ts'
import type { HavingInput } from '../plan.ts'
import type { Query } from '../query.ts'
import { rewritePredicate } from '../rules/rule.ts'
import type { SlotOf } from './slots.ts'

export interface Having {
  readonly predicate: Predicate
  readonly inputs: readonly HavingInput[]
}

export const havingOf = ({ having }: Query, slotOf: (aggregate: AggregateCall) => SlotOf): Having | null => {
  if (having === null) return null
  const inputs = new Map<string, HavingInput>()
  const predicate = rewritePredicate(having, {
    expression: (of): Expression => {
      if (!isAggregate(of)) return of
      const { slot, guard } = slotOf(of)
      const scale = scaleOf(of)
      inputs.set(slot, { name: slot, slot, guard, scale })
      return { kind: 'column', column: slot, type: 'number', scale }
    },
  })
  return { predicate, inputs: [...inputs.values()] }
}
