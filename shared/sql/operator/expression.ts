/**
 * Values of row expressions in F_p, and the indicators beside them. Sums and scalings are local; a product of secrets
 * costs one round; CASE costs its conditions, two rounds to bring the chosen branch into F_p, and one product a branch.
 */
import { bitsOnes, bitsZeros } from '../../bits/bits.ts'
import { fieldFill } from '../../field/field.ts'
import { bitsToFieldAll } from '../../protocol/bit-to-field.ts'
import type { Session } from '../../session/session.ts'
import type { SharedBits, SharedField } from '../../sharing/shared.ts'
import { isPublicExpression } from '../compare.ts'
import { isAlways, isZeroWhereNull, notNullOf } from '../contributors.ts'
import { type Expression, type Predicate, scaleOf, showPredicate } from '../expression.ts'
import type { Indicator, IndicatorAtom } from '../plan.ts'
import type { Frame } from './frame.ts'
import { forEachRow, plainValue } from './plain.ts'
import { truthOf } from './predicate.ts'
import {
  type Amount,
  addAmounts,
  andTruths,
  multiplyAmounts,
  notTruth,
  publicAmount,
  publicTruth,
  scaleAmount,
  secretAmount,
  secretTruth,
  type Truth,
  xorTruth,
} from './value.ts'

const fill = ({ kernel }: Session, frame: Frame, value: bigint): Amount => ({
  kind: 'public',
  values: fieldFill(kernel, frame.rows, value),
})
const everywhere = ({ kernel }: Session, frame: Frame, value: boolean): Truth => ({
  kind: 'public',
  bits: (value ? bitsOnes : bitsZeros)(kernel, frame.rows),
})

/** The integers that stand for an expression at its scale; where it is NULL they mean nothing. */
export const amountOf = async (session: Session, frame: Frame, of: Expression): Promise<Amount> => {
  if (of.kind !== 'constant' && of.kind !== 'null' && isPublicExpression(of, frame.scope))
    return publicAmount(forEachRow(frame.rows, frame.public, row => plainValue(of, row) ?? 0n))
  const at = async (name: string, child: Expression): Promise<Amount> =>
    scaleAmount(
      session,
      await amountOf(session.step(name), frame, child),
      10n ** BigInt(scaleOf(of) - scaleOf(child)),
    )
  switch (of.kind) {
    case 'constant':
      return fill(session, frame, BigInt(of.value))
    case 'null':
      return fill(session, frame, 0n)
    case 'column': {
      const values = frame.secret.get(of.column)?.field
      if (values === undefined) throw new Error(`column ${of.column} has no amounts`)
      return secretAmount(values)
    }
    case 'negate':
      return scaleAmount(session, await amountOf(session.step('of'), frame, of.of), -1n)
    case 'add':
    case 'subtract': {
      const [left, right] = await Promise.all([at('left', of.left), at('right', of.right)])
      return addAmounts(session, left, of.kind === 'add' ? right : scaleAmount(session, right, -1n))
    }
    case 'multiply': {
      const [left, right] = await Promise.all([
        amountOf(session.step('left'), frame, of.left),
        amountOf(session.step('right'), frame, of.right),
      ])
      return multiplyAmounts(session.step('product'), left, right)
    }
    case 'case': {
      const { flags, values } = await caseOf(session, frame, of, branchAmounts, (value, i) =>
        at(`value-${i}`, value),
      )
      return choose(session.step('choose'), flags, values)
    }
    default:
      throw new Error(`${of.kind} has no value in a row`)
  }
}

/** The same, but 0 where the expression is NULL: what a sum needs. */
export const amountOrZero = async (session: Session, frame: Frame, of: Expression): Promise<Amount> => {
  const amount = await amountOf(session.step('value'), frame, of)
  if (isZeroWhereNull(of, frame.isNullable)) return amount
  const notNull = await indicatorAmount(session.step('not-null'), frame, notNullOf(of, frame.isNullable))
  return multiplyAmounts(session.step('mask'), amount, notNull)
}

const choose = async (
  session: Session,
  flags: readonly Amount[],
  values: readonly Amount[],
): Promise<Amount> => {
  const products = await Promise.all(
    flags.map((flag, i) => multiplyAmounts(session.step(`${i}`), flag, values[i] as Amount)),
  )
  return products.reduce((sum, product) => addAmounts(session, sum, product))
}

// ── branches of CASE ────────────────────────────────────────────────────────────────────────────────────────────────

const once = <T>(frame: Frame, key: string, work: () => Promise<T>): Promise<T> => {
  const known = frame.memo.get(key) as Promise<T> | undefined
  if (known !== undefined) return known
  const started = work()
  frame.memo.set(key, started)
  return started
}

const keyOf = (kind: string, conditions: readonly Predicate[]): string =>
  JSON.stringify([kind, ...conditions.map(showPredicate)])

/** One truth a branch, the last for ELSE: exactly one of them holds in every row. */
const branchTruths = (
  session: Session,
  frame: Frame,
  conditions: readonly Predicate[],
): Promise<readonly Truth[]> =>
  once(frame, keyOf('truths', conditions), async () => {
    const whens = await Promise.all(
      conditions.map((when, i) => truthOf(session.step(`when-${i}`), frame, when)),
    )
    const taken: Truth[] = []
    let rest = everywhere(session, frame, true)
    for (const [i, when] of whens.entries()) {
      const [here] = await andTruths(session.step(`first-${i}`), [rest], [when])
      taken.push(here as Truth)
      rest = xorTruth(session, rest, here as Truth)
    }
    return [...taken, rest]
  })

/** The same in F_p; the last is what is left of 1, so it costs nothing. */
const branchAmounts = (
  session: Session,
  frame: Frame,
  conditions: readonly Predicate[],
): Promise<readonly Amount[]> =>
  once(frame, keyOf('amounts', conditions), async () => {
    const truths = (await branchTruths(session.step('truth'), frame, conditions)).slice(0, -1)
    const converted = await truthAmounts(session.step('convert'), truths)
    const rest = converted.reduce(
      (left, flag) => addAmounts(session, left, scaleAmount(session, flag, -1n)),
      fill(session, frame, 1n),
    )
    return [...converted, rest]
  })

/** Flags and values of all branches of a CASE side by side, ELSE last. */
const caseOf = async <Value, Flag, Result>(
  session: Session,
  frame: Frame,
  of: {
    readonly branches: readonly { readonly when: Predicate; readonly value: Value }[]
    readonly otherwise: Value
  },
  flagsOf: (session: Session, frame: Frame, conditions: readonly Predicate[]) => Promise<readonly Flag[]>,
  resultOf: (value: Value, i: number) => Promise<Result>,
): Promise<{ flags: readonly Flag[]; values: readonly Result[] }> => {
  const conditions = of.branches.map(({ when }) => when)
  const [flags, ...values] = await Promise.all([
    flagsOf(session.step('branch'), frame, conditions),
    ...[...of.branches.map(({ value }) => value), of.otherwise].map(resultOf),
  ])
  return { flags, values }
}

const truthAmounts = async (session: Session, truths: readonly Truth[]): Promise<readonly Amount[]> => {
  const secret = truths.filter(truth => truth.kind === 'secret')
  const converted = await bitsToFieldAll(
    session,
    secret.map(truth => truth.bits as SharedBits),
  )
  const { kernel } = session
  return truths.map(truth => {
    if (truth.kind === 'secret') return secretAmount(converted[secret.indexOf(truth)] as SharedField)
    const { words, length } = truth.bits
    return { kind: 'public', values: { domain: 'field', length, words: kernel.bitsToField(words, length) } }
  })
}

// ── indicators ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** An indicator in F_p. */
export const indicatorAmount = async (session: Session, frame: Frame, of: Indicator): Promise<Amount> => {
  if (of.kind === 'never') return fill(session, frame, 0n)
  if (isAlways(of)) return fill(session, frame, 1n)
  const atoms = await Promise.all(of.of.map((atom, i) => atomAmount(session.step(`atom-${i}`), frame, atom)))
  let product = atoms[0] as Amount
  for (const [i, atom] of atoms.slice(1).entries())
    product = await multiplyAmounts(session.step(`all-${i}`), product, atom)
  return product
}

const publicNotNull = (frame: Frame, column: string): readonly boolean[] | undefined =>
  frame.public.get(column)?.map(value => value !== null)

const atomAmount = async (session: Session, frame: Frame, of: IndicatorAtom): Promise<Amount> => {
  switch (of.kind) {
    case 'not-null': {
      const known = publicNotNull(frame, of.column)
      if (known !== undefined) return publicAmount(known.map(value => (value ? 1n : 0n)))
      const field = frame.secret.get(of.column)?.notNull?.field
      if (field === undefined) throw new Error(`column ${of.column} has no indicator in F_p`)
      return secretAmount(field)
    }
    case 'case': {
      const { flags, values } = await caseOf(session, frame, of, branchAmounts, (value, i) =>
        indicatorAmount(session.step(`value-${i}`), frame, value),
      )
      return choose(session.step('choose'), flags, values)
    }
    case 'either': {
      const [a, b] = await Promise.all([
        indicatorAmount(session.step('left'), frame, of.left),
        indicatorAmount(session.step('right'), frame, of.right),
      ])
      const both = await multiplyAmounts(session.step('both'), a, b)
      return addAmounts(session, addAmounts(session, a, b), scaleAmount(session, both, -1n))
    }
  }
}

/** An indicator as bits, for conditions. */
export const indicatorTruth = async (session: Session, frame: Frame, of: Indicator): Promise<Truth> => {
  if (of.kind === 'never') return everywhere(session, frame, false)
  if (isAlways(of)) return everywhere(session, frame, true)
  const atoms = await Promise.all(of.of.map((atom, i) => atomTruth(session.step(`atom-${i}`), frame, atom)))
  let product = atoms[0] as Truth
  for (const [i, atom] of atoms.slice(1).entries())
    [product] = (await andTruths(session.step(`all-${i}`), [product], [atom])) as [Truth]
  return product
}

const atomTruth = async (session: Session, frame: Frame, of: IndicatorAtom): Promise<Truth> => {
  switch (of.kind) {
    case 'not-null': {
      const known = publicNotNull(frame, of.column)
      if (known !== undefined) return publicTruth(known)
      const bit = frame.secret.get(of.column)?.notNull?.bit
      if (bit === undefined) throw new Error(`column ${of.column} has no indicator`)
      return secretTruth(bit)
    }
    case 'case': {
      const { flags, values } = await caseOf(session, frame, of, branchTruths, (value, i) =>
        indicatorTruth(session.step(`value-${i}`), frame, value),
      )
      const chosen = await andTruths(session.step('choose'), flags, values)
      return chosen.reduce((sum, one) => xorTruth(session, sum, one))
    }
    case 'either': {
      const [a, b] = await Promise.all([
        indicatorTruth(session.step('left'), frame, of.left),
        indicatorTruth(session.step('right'), frame, of.right),
      ])
      const [neither] = await andTruths(
        session.step('neither'),
        [notTruth(session, a)],
        [notTruth(session, b)],
      )
      return notTruth(session, neither as Truth)
    }
  }
}
