/** HAVING over the cells: keys are public, aggregates are secret totals that are unknown where their guard fails. */
import type { Column } from '../../data/schema.ts'
import type { Session } from '../../session/session.ts'
import type { SharedBits, SharedField } from '../../sharing/shared.ts'
import type { Predicate } from '../expression.ts'
import { type CellPlan, type Guard, type HavingInput, ROWS } from '../plan.ts'
import type { Frame } from './frame.ts'
import { digitsOf } from './group.ts'
import { truthOf } from './predicate.ts'
import type { Truth } from './value.ts'

export const having = (
  session: Session,
  plan: CellPlan,
  step: { readonly predicate: Predicate; readonly inputs: readonly HavingInput[] },
  totals: ReadonlyMap<string, SharedField>,
  enough: ReadonlyMap<Guard, SharedBits>,
): Promise<Truth> => {
  const sizes = plan.keys.map(key => key.values.length)
  const columns = new Map<string, Column>(plan.columns.map(column => [column.name, column]))
  const keyed = plan.keys.map((key, i): [string, readonly (bigint | null)[]] => [
    key.column,
    Array.from({ length: plan.cells }, (_, cell) => {
      const value = key.values[digitsOf(cell, sizes)[i] as number]
      return value === undefined || value === null ? null : BigInt(value)
    }),
  ])
  const inputs = new Map(step.inputs.map(input => [input.name, input]))
  // A group without enough rows is never shown, so totals that only need rows count as known.
  const isNullable = (name: string): boolean => {
    const input = inputs.get(name)
    return input === undefined ? columns.get(name)?.nullable === true : input.guard !== ROWS
  }
  const frame: Frame = {
    rows: plan.cells,
    secret: new Map(
      step.inputs.map(input => [
        input.name,
        {
          slices: [],
          low: 0n,
          field: totals.get(input.slot),
          notNull: { bit: enough.get(input.guard) as SharedBits, field: undefined },
        },
      ]),
    ),
    public: new Map(keyed),
    scope: {
      column: name => (inputs.has(name) ? undefined : columns.get(name)),
      isPublic: name => !inputs.has(name),
    },
    isNullable,
    memo: new Map(),
  }
  return truthOf(session, frame, step.predicate)
}
