/**
 * Where a condition is true, as bits. After `push-down-not` unknown may count as false, so every comparison is masked
 * with "no operand is NULL" and AND and OR work on plain truths. Conditions that read only public columns are decided
 * in the clear. Independent comparisons run in the same rounds.
 */
import { bitsFrom } from '../../bits/bits.ts'
import { columnWidth, rangeOf } from '../../data/schema.ts'
import { GRAM_BITS, placesOf } from '../../data/text/grams.ts'
import { diceAtLeast, diceAtLeastPublic, type SharedSet } from '../../protocol/dice-at-least.ts'
import { equal, equalPublic } from '../../protocol/equal.ts'
import { isNegative } from '../../protocol/is-negative.ts'
import { lessThan, lessThanPublic } from '../../protocol/less-than.ts'
import type { Session } from '../../session/session.ts'
import {
  not,
  type SharedBits,
  type SharedField,
  scale,
  shareOfBits,
  subtract,
  xor,
} from '../../sharing/shared.ts'
import { type Compare, isPublicPredicate, methodOf } from '../compare.ts'
import { notNullOf } from '../contributors.ts'
import { type Comparison, type Constant, type Expression, type Predicate, scaleOf } from '../expression.ts'
import { amountOf, indicatorTruth } from './expression.ts'
import type { Frame, SecretVector } from './frame.ts'
import { forEachRow, plainTruth } from './plain.ts'
import {
  allTruths,
  anyTruth,
  notTruth,
  publicTruth,
  scaleAmount,
  secretTruth,
  sharedAmount,
  type Truth,
} from './value.ts'

export const truthOf = async (session: Session, frame: Frame, of: Predicate): Promise<Truth> => {
  if (isPublicPredicate(of, frame.scope))
    return publicTruth(forEachRow(frame.rows, frame.public, row => plainTruth(of, row) === true))
  switch (of.kind) {
    case 'compare':
      return whereNotNull(session, frame, [of.left, of.right], compareOf(session.step('compare'), frame, of))
    case 'in':
      return whereNotNull(session, frame, [of.of], inOf(session.step('in'), frame, of))
    case 'truth': {
      const [bit] = vectorOf(frame, of.of.column).slices
      const truth = secretTruth(bit as SharedBits)
      return whereNotNull(
        session,
        frame,
        [of.of],
        Promise.resolve(of.negated ? notTruth(session, truth) : truth),
      )
    }
    case 'similar':
      return whereNotNull(session, frame, [of.left, of.right], similarOf(session.step('similar'), frame, of))
    case 'is-null': {
      const notNull = await indicatorTruth(
        session.step('not-null'),
        frame,
        notNullOf(of.of, frame.isNullable),
      )
      return of.negated ? notNull : notTruth(session, notNull)
    }
    case 'and':
    case 'or': {
      const parts = await Promise.all(of.of.map((part, i) => truthOf(session.step(`${i}`), frame, part)))
      return (of.kind === 'and' ? allTruths : anyTruth)(session.step(of.kind), parts)
    }
    case 'is': {
      if (of.value !== true || !of.negated) break
      return notTruth(session, await truthOf(session.step('not'), frame, of.of))
    }
    default:
  }
  throw new Error(`${of.kind} is rewritten before execution`)
}

const vectorOf = (frame: Frame, column: string): SecretVector => {
  const vector = frame.secret.get(column)
  if (vector === undefined) throw new Error(`column ${column} is not in the relation`)
  return vector
}

/** Bits of value - low; those of a public column as a sharing that needs no message. */
const slicesOf = ({ kernel, party }: Session, frame: Frame, name: string): readonly SharedBits[] => {
  const values = frame.public.get(name)
  const column = frame.scope.column(name)
  if (values === undefined || column === undefined) return vectorOf(frame, name).slices
  const { low } = rangeOf(column.type)
  return Array.from({ length: columnWidth(column) }, (_, j) =>
    shareOfBits(kernel, party, bitsFrom(values.map(value => (((value ?? low) - low) >> BigInt(j)) & 1n))),
  )
}

const whereNotNull = async (
  session: Session,
  frame: Frame,
  operands: readonly Expression[],
  truth: Promise<Truth>,
): Promise<Truth> => {
  const indicator = notNullOf(
    operands.length === 1
      ? (operands[0] as Expression)
      : { kind: 'subtract', left: operands[0] as Expression, right: operands[1] as Expression },
    frame.isNullable,
  )
  const [result, notNull] = await Promise.all([
    truth,
    indicatorTruth(session.step('not-null'), frame, indicator),
  ])
  return allTruths(session.step('known'), [result, notNull])
}

// ── comparisons ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Which of "<" on (left, right) or (right, left) to compute, and whether to complement it. */
const ORDER: Readonly<Record<Exclude<Comparison, '=' | '<>'>, { swap: boolean; complement: boolean }>> = {
  '<': { swap: false, complement: false },
  '>=': { swap: false, complement: true },
  '>': { swap: true, complement: false },
  '<=': { swap: true, complement: true },
}

const compareOf = async (session: Session, frame: Frame, of: Compare): Promise<Truth> => {
  const bit = await bitOf(session, frame, of)
  const complement = of.comparison === '<>' || (of.comparison !== '=' && ORDER[of.comparison].complement)
  return secretTruth(complement ? not(session.kernel, session.party, bit) : bit)
}

/** "=" for = and <>, else "<" as ORDER says. */
const bitOf = async (session: Session, frame: Frame, of: Compare): Promise<SharedBits> => {
  const { left, right, comparison } = of
  const isEquality = comparison === '=' || comparison === '<>'
  const swap = comparison !== '=' && comparison !== '<>' && ORDER[comparison].swap
  switch (methodOf(of, frame.scope)) {
    case 'constant': {
      const { slices, low } = vectorOf(frame, (left as { column: string }).column)
      const constant = inColumn(right as Constant, scaleOf(left)) - low
      if (isEquality) return equalPublic(session, slices, constant)
      // c < x is not (x < c + 1).
      return swap
        ? not(session.kernel, session.party, await lessThanPublic(session, slices, constant + 1n))
        : lessThanPublic(session, slices, constant)
    }
    case 'slices': {
      const [a, b] = [left, right].map(side => slicesOf(session, frame, (side as { column: string }).column))
      if (a === undefined || b === undefined) throw new Error('two columns expected')
      if (isEquality) return equal(session, a, b)
      return swap ? lessThan(session, b, a) : lessThan(session, a, b)
    }
    case 'difference': {
      const { kernel } = session
      const difference = await differenceOf(session, frame, left, right)
      const opposite = scale(kernel, difference, -1n)
      if (!isEquality) return isNegative(session.step('sign'), swap ? opposite : difference)
      const [below, above] = await Promise.all([
        isNegative(session.step('below'), difference),
        isNegative(session.step('above'), opposite),
      ])
      return not(kernel, session.party, xor(kernel, below, above))
    }
  }
}

/** Folding leaves constants at the column's own scale. */
const inColumn = (of: Constant, scale: number): bigint => {
  if (of.scale > scale)
    throw new Error('a constant with more decimals than its column is folded before execution')
  return BigInt(of.value) * 10n ** BigInt(scale - of.scale)
}

const differenceOf = async (
  session: Session,
  frame: Frame,
  left: Expression,
  right: Expression,
): Promise<SharedField> => {
  const scaleBoth = Math.max(scaleOf(left), scaleOf(right))
  const [a, b] = await Promise.all(
    [left, right].map(async (side, i) =>
      sharedAmount(
        session,
        scaleAmount(
          session,
          await amountOf(session.step(i === 0 ? 'left' : 'right'), frame, side),
          10n ** BigInt(scaleBoth - scaleOf(side)),
        ),
      ),
    ),
  )
  return subtract(session.kernel, a as SharedField, b as SharedField)
}

const setOf = (slices: readonly SharedBits[]): SharedSet => ({
  places: slices.slice(0, GRAM_BITS),
  size: slices.slice(GRAM_BITS),
})

const similarOf = async (
  session: Session,
  frame: Frame,
  { left, right, hundredths, negated }: Extract<Predicate, { kind: 'similar' }>,
): Promise<Truth> => {
  const set = setOf(vectorOf(frame, left.column).slices)
  const bit =
    right.kind === 'constant'
      ? await diceAtLeastPublic(session, set, placesOf(BigInt(right.value)), hundredths)
      : await diceAtLeast(session, set, setOf(vectorOf(frame, right.column).slices), hundredths)
  return secretTruth(negated ? not(session.kernel, session.party, bit) : bit)
}

/** At most one equality holds, so their OR is XOR and free. */
const inOf = async (
  session: Session,
  frame: Frame,
  of: Extract<Predicate, { kind: 'in' }>,
): Promise<Truth> => {
  const { slices, low } = vectorOf(frame, (of.of as { column: string }).column)
  const hits = await Promise.all(
    of.list.map((item, i) =>
      equalPublic(session.step(`${i}`), slices, inColumn(item as Constant, scaleOf(of.of)) - low),
    ),
  )
  const any = hits.reduce((a, b) => xor(session.kernel, a, b))
  return secretTruth(of.negated ? not(session.kernel, session.party, any) : any)
}
