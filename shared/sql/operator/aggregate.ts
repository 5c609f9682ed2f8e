/**
 * Totals of every slot over the rows of every cell: dot products of membership with row values, all in one round and 8 B
 * a total and party, however many rows there are. With keys on both sides, values are first multiplied into the right
 * side, one product a row, value and right cell.
 */
import { field } from '../../field/field.ts'
import { dotProducts } from '../../protocol/dot-products.ts'
import { multiplyAll } from '../../protocol/multiply.ts'
import type { DotPair } from '../../session/gate-tape.ts'
import type { Session } from '../../session/session.ts'
import { fieldConcat, type SharedField, sum } from '../../sharing/shared.ts'
import type { PlanKey, Slot } from '../plan.ts'
import { amountOrZero, indicatorAmount } from './expression.ts'
import type { Frame } from './frame.ts'
import { digitsOf, placeOf } from './group.ts'
import { sharedAmount } from './value.ts'

/** Row values by slot name; the slot that counts rows needs none. */
export type RowValues = ReadonlyMap<string, SharedField>

export const compute = async (session: Session, frame: Frame, slots: readonly Slot[]): Promise<RowValues> => {
  const named = await Promise.all(
    slots.map(async ({ name, total }, i): Promise<[string, SharedField] | undefined> => {
      const here = session.step(`${i}`)
      if (total.kind === 'rows') return undefined
      const amount =
        total.kind === 'value'
          ? await amountOrZero(here, frame, total.of)
          : await indicatorAmount(here, frame, total.of)
      return [name, sharedAmount(session, amount)]
    }),
  )
  return new Map(named.filter(entry => entry !== undefined))
}

const gather = ({ kernel }: Session, x: SharedField, rows: Uint32Array): SharedField => ({
  own: field(kernel.fieldGather(x.own.words, rows), rows.length),
  next: field(kernel.fieldGather(x.next.words, rows), rows.length),
})

export interface Members {
  readonly left: readonly SharedField[]
  readonly right: readonly SharedField[]
}

/** One vector over all cells for each slot. */
export const aggregate = async (
  session: Session,
  slots: readonly string[],
  values: RowValues,
  members: Members,
  keys: readonly PlanKey[],
  step: {
    readonly partition: readonly number[]
    readonly left: readonly number[]
    readonly right: readonly number[]
  },
  parts: readonly Uint32Array[],
): Promise<ReadonlyMap<string, SharedField>> => {
  const { left, right } = members
  const entries = slots.map(name => ({ name, value: values.get(name) }))

  // What the left side is multiplied with: by slot, then by right cell. Nothing stands for 1.
  const factors: readonly (readonly (SharedField | undefined)[])[] =
    right.length === 0
      ? entries.map(({ value }) => [value])
      : await weigh(
          session.step('weigh'),
          right,
          entries.map(({ value }) => value),
        )

  const pick = (x: SharedField, part: Uint32Array): SharedField =>
    step.partition.length === 0 ? x : gather(session, x, part)
  const gathered = parts.map(part => ({
    left: left.map(x => pick(x, part)),
    factors: factors.map(list => list.map(x => x && pick(x, part))),
  }))

  const sizes = keys.map(key => key.values.length)
  const cells = sizes.reduce((a, b) => a * b, 1)
  const pairs: DotPair[] = []
  const local: SharedField[] = []
  const plan = entries.map((_, slot) =>
    Array.from({ length: cells }, (_, cell) => {
      const digits = digitsOf(cell, sizes)
      const at = (places: readonly number[]): number =>
        placeOf(
          places.map(place => digits[place] as number),
          places.map(place => sizes[place] as number),
        )
      const part = gathered[at(step.partition)] as (typeof gathered)[number]
      const x = part.left[at(step.left)] as SharedField
      const y = part.factors[slot]?.[at(step.right)]
      return y === undefined
        ? { list: 'local' as const, at: local.push(sum(session.kernel, x)) - 1 }
        : { list: 'dot' as const, at: pairs.push({ x: [x], y: [y] }) - 1 }
    }),
  )
  const products = await dotProducts(session.step('total'), pairs)

  // Slots are wholly local or wholly dot products, in the order of the cells.
  let taken = 0
  return new Map(
    entries.map(({ name }, slot): [string, SharedField] => {
      const places = plan[slot] as (typeof plan)[number]
      if (places[0]?.list === 'local')
        return [
          name,
          fieldConcat(
            session.kernel,
            places.map(({ at }) => local[at] as SharedField),
          ),
        ]
      const from = taken
      taken += cells
      return [name, slice(session, products, from, taken)]
    }),
  )
}

const slice = ({ kernel }: Session, x: SharedField, from: number, to: number): SharedField => ({
  own: field(kernel.slice(x.own.words, from, to), to - from),
  next: field(kernel.slice(x.next.words, from, to), to - from),
})

const weigh = async (
  session: Session,
  right: readonly SharedField[],
  values: readonly (SharedField | undefined)[],
): Promise<readonly (readonly SharedField[])[]> => {
  const given = values.filter(value => value !== undefined)
  const products = await multiplyAll(
    session,
    given.flatMap(value => right.map(() => value)),
    given.flatMap(() => right),
  )
  let at = 0
  return values.map(value => {
    if (value === undefined) return right
    at += right.length
    return products.slice(at - right.length, at)
  })
}
