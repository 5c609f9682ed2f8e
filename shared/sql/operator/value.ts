/**
 * Vectors that are public or secret, so that what all parties know is computed for free: truths (bits) and amounts (F_p).
 * Only a product of two secret vectors costs a round.
 */
import { type Bits, bits, bitsFrom } from '../../bits/bits.ts'
import { type Field, field, modP } from '../../field/field.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { and } from '../../protocol/and.ts'
import { multiply } from '../../protocol/multiply.ts'
import type { Session } from '../../session/session.ts'
import {
  add,
  andPublic,
  not,
  type SharedBits,
  type SharedField,
  scale,
  shareOfBits,
  shareOfField,
  xor,
} from '../../sharing/shared.ts'

export type Truth =
  | { readonly kind: 'public'; readonly bits: Bits }
  | { readonly kind: 'secret'; readonly bits: SharedBits }

export type Amount =
  | { readonly kind: 'public'; readonly values: Field }
  | { readonly kind: 'secret'; readonly values: SharedField }

export const publicTruth = (values: readonly boolean[]): Truth => ({ kind: 'public', bits: bitsFrom(values) })
export const secretTruth = (value: SharedBits): Truth => ({ kind: 'secret', bits: value })
export const publicAmount = (values: readonly bigint[]): Amount => ({
  kind: 'public',
  values: field(BigUint64Array.from(values, modP), values.length),
})
export const secretAmount = (values: SharedField): Amount => ({ kind: 'secret', values })

export const sharedTruth = ({ kernel, party }: Session, of: Truth): SharedBits =>
  of.kind === 'secret' ? of.bits : shareOfBits(kernel, party, of.bits)
export const sharedAmount = ({ kernel, party }: Session, of: Amount): SharedField =>
  of.kind === 'secret' ? of.values : shareOfField(kernel, party, of.values)

// ── truths ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const notTruth = ({ kernel, party }: Session, of: Truth): Truth =>
  of.kind === 'secret'
    ? secretTruth(not(kernel, party, of.bits))
    : { kind: 'public', bits: bits(kernel.not(of.bits.words, of.bits.length), of.bits.length) }

export const xorTruth = (session: Session, a: Truth, b: Truth): Truth => {
  const { kernel } = session
  return a.kind === 'public' && b.kind === 'public'
    ? { kind: 'public', bits: bits(kernel.xor(a.bits.words, b.bits.words), a.bits.length) }
    : secretTruth(xor(kernel, sharedTruth(session, a), sharedTruth(session, b)))
}

const andLocally = (kernel: Kernel, a: Truth, b: Truth): Truth | undefined => {
  if (a.kind === 'public' && b.kind === 'public')
    return { kind: 'public', bits: bits(kernel.and(a.bits.words, b.bits.words), a.bits.length) }
  if (a.kind === 'public') return secretTruth(andPublic(kernel, (b as { bits: SharedBits }).bits, a.bits))
  return b.kind === 'public' ? secretTruth(andPublic(kernel, a.bits, b.bits)) : undefined
}

/** Pairwise AND of two lists; one round when any pair is secret on both sides. */
export const andTruths = async (
  session: Session,
  a: readonly Truth[],
  b: readonly Truth[],
): Promise<Truth[]> => {
  const local = a.map((left, i) => andLocally(session.kernel, left, b[i] as Truth))
  const open = local.flatMap((done, i) => (done === undefined ? [i] : []))
  const pick = (of: readonly Truth[]): SharedBits[] => open.map(i => (of[i] as { bits: SharedBits }).bits)
  const products = open.length === 0 ? [] : await and(session, pick(a), pick(b))
  return local.map((done, i) => done ?? secretTruth(products[open.indexOf(i)] as SharedBits))
}

/** AND of a list that is not empty: public ones first, then a tree of ceil(log2 n) rounds. */
export const allTruths = async (session: Session, of: readonly Truth[]): Promise<Truth> => {
  const known = of.filter(one => one.kind === 'public')
  const mask = known.reduce<Truth | undefined>(
    (a, b) => (a === undefined ? b : andLocally(session.kernel, a, b)),
    undefined,
  )
  let rest = of.filter(one => one.kind === 'secret')
  if (rest[0] === undefined) return mask as Truth
  for (let level = 0; rest.length > 1; level++) {
    const half = Math.floor(rest.length / 2)
    const products = await andTruths(
      session.step(`level-${level}`),
      rest.slice(0, half),
      rest.slice(half, 2 * half),
    )
    rest = [...products, ...rest.slice(2 * half)] as typeof rest
  }
  const all = rest[0] as Truth
  return mask === undefined ? all : (andLocally(session.kernel, mask, all) as Truth)
}

/** OR by De Morgan. */
export const anyTruth = async (session: Session, of: readonly Truth[]): Promise<Truth> =>
  notTruth(
    session,
    await allTruths(
      session,
      of.map(one => notTruth(session, one)),
    ),
  )

// ── amounts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const scaleAmount = ({ kernel }: Session, of: Amount, constant: bigint): Amount => {
  if (constant === 1n) return of
  return of.kind === 'secret'
    ? secretAmount(scale(kernel, of.values, constant))
    : { kind: 'public', values: field(kernel.fieldScale(of.values.words, modP(constant)), of.values.length) }
}

export const addAmounts = (session: Session, a: Amount, b: Amount): Amount => {
  const { kernel } = session
  return a.kind === 'public' && b.kind === 'public'
    ? { kind: 'public', values: field(kernel.fieldAdd(a.values.words, b.values.words), a.values.length) }
    : secretAmount(add(kernel, sharedAmount(session, a), sharedAmount(session, b)))
}

/** Elementwise product; a round only when both are secret. */
export const multiplyAmounts = async (session: Session, a: Amount, b: Amount): Promise<Amount> => {
  const { kernel } = session
  const product = (x: Field, y: Field): Field => field(kernel.fieldMul(x.words, y.words), x.length)
  if (a.kind === 'secret' && b.kind === 'secret')
    return secretAmount(await multiply(session, a.values, b.values))
  if (a.kind === 'secret' && b.kind === 'public')
    return secretAmount({ own: product(a.values.own, b.values), next: product(a.values.next, b.values) })
  if (a.kind === 'public' && b.kind === 'public')
    return { kind: 'public', values: product(a.values, b.values) }
  return multiplyAmounts(session, b, a)
}
