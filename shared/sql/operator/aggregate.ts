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
import { fieldConcat, fieldSlice, type SharedField, sum } from '../../sharing/shared.ts'
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
  const cells = Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, (_, cell) => {
    const digits = digitsOf(cell, sizes)
    const at = (places: readonly number[]): number =>
      placeOf(
        places.map(place => digits[place] as number),
        places.map(place => sizes[place] as number),
      )
    const part = gathered[at(step.partition)] as (typeof gathered)[number]
    return { part, member: part.left[at(step.left)] as SharedField, right: at(step.right) }
  })

  // Without a factor the total is a sum of membership, which is local; all others are dot products of one round.
  const weighted = entries.flatMap((_, slot) => (factors[slot]?.[0] === undefined ? [] : [slot]))
  const pairs = weighted.flatMap(slot =>
    cells.map(
      ({ part, member, right }): DotPair => ({
        x: [member],
        y: [part.factors[slot]?.[right] as SharedField],
      }),
    ),
  )
  const products = await dotProducts(session.step('total'), pairs)
  return new Map(
    entries.map(({ name }, slot): [string, SharedField] => {
      const place = weighted.indexOf(slot)
      return [
        name,
        place < 0
          ? fieldConcat(
              session.kernel,
              cells.map(({ member }) => sum(session.kernel, member)),
            )
          : fieldSlice(session.kernel, products, place * cells.length, (place + 1) * cells.length),
      ]
    }),
  )
}

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
