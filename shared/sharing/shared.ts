/**
 * Replicated secret sharing: x = x_0 + x_1 + x_2 (F_p) or x_0 ⊕ x_1 ⊕ x_2 (bits). Party i holds (x_i, x_{i+1}); share j is
 * held by party j and party j - 1. Papers differ in this convention; ours is stated once, here.
 */
import { type Bits, bits, bitsZeros } from '../bits/bits.ts'
import { type Field, field, fieldZeros, modP } from '../field/field.ts'
import type { Kernel } from '../kernel/kernel.ts'

export type PartyIndex = 0 | 1 | 2
export const PARTIES: readonly PartyIndex[] = [0, 1, 2]
export const nextOf = (party: PartyIndex): PartyIndex => ((party + 1) % 3) as PartyIndex
export const previousOf = (party: PartyIndex): PartyIndex => ((party + 2) % 3) as PartyIndex

/** What party i holds of a secret vector: share i (`own`) and share i + 1 (`next`). */
export interface Shared<V extends Bits | Field> {
  readonly own: V
  readonly next: V
}
export type SharedBits = Shared<Bits>
export type SharedField = Shared<Field>

export const sharedField = (own: Field, next: Field): SharedField => ({ own, next })

// The linear operations below are local: 0 rounds, 0 bytes.

export const xor = (k: Kernel, x: SharedBits, y: SharedBits): SharedBits => ({
  own: bits(k.xor(x.own.words, y.own.words), x.own.length),
  next: bits(k.xor(x.next.words, y.next.words), x.next.length),
})

/** AND with a public vector. */
export const andPublic = (k: Kernel, x: SharedBits, mask: Bits): SharedBits => ({
  own: bits(k.and(x.own.words, mask.words), x.own.length),
  next: bits(k.and(x.next.words, mask.words), x.next.length),
})

/** A public bit vector as a sharing: the value is share 0, the others are zero. */
export const shareOfBits = (k: Kernel, party: PartyIndex, value: Bits): SharedBits => {
  const zero = bitsZeros(k, value.length)
  return { own: party === 0 ? value : zero, next: party === 2 ? value : zero }
}

/** Complement: flips share 0. */
export const not = (k: Kernel, party: PartyIndex, x: SharedBits): SharedBits => ({
  own: party === 0 ? bits(k.not(x.own.words, x.own.length), x.own.length) : x.own,
  next: party === 2 ? bits(k.not(x.next.words, x.next.length), x.next.length) : x.next,
})

export const zeroBits = (k: Kernel, length: number): SharedBits => ({
  own: bitsZeros(k, length),
  next: bitsZeros(k, length),
})

export const add = (k: Kernel, x: SharedField, y: SharedField): SharedField => ({
  own: field(k.fieldAdd(x.own.words, y.own.words), x.own.length),
  next: field(k.fieldAdd(x.next.words, y.next.words), x.next.length),
})

export const subtract = (k: Kernel, x: SharedField, y: SharedField): SharedField => ({
  own: field(k.fieldSub(x.own.words, y.own.words), x.own.length),
  next: field(k.fieldSub(x.next.words, y.next.words), x.next.length),
})

/** Every element times a public integer. */
export const scale = (k: Kernel, x: SharedField, constant: bigint): SharedField => ({
  own: field(k.fieldScale(x.own.words, modP(constant)), x.own.length),
  next: field(k.fieldScale(x.next.words, modP(constant)), x.next.length),
})

/** Every element plus a public integer: added to share 0. */
export const addConstant = (k: Kernel, party: PartyIndex, x: SharedField, constant: bigint): SharedField => ({
  own: party === 0 ? field(k.fieldAddConstant(x.own.words, modP(constant)), x.own.length) : x.own,
  next: party === 2 ? field(k.fieldAddConstant(x.next.words, modP(constant)), x.next.length) : x.next,
})

/** The sum of all elements, a vector of one. */
export const sum = (k: Kernel, x: SharedField): SharedField => ({
  own: field(k.fieldSum(x.own.words), 1),
  next: field(k.fieldSum(x.next.words), 1),
})

/** A public field vector as a sharing: the value is share 0, the others are zero. */
export const shareOfField = (k: Kernel, party: PartyIndex, value: Field): SharedField => {
  const zero = fieldZeros(k, value.length)
  return { own: party === 0 ? value : zero, next: party === 2 ? value : zero }
}

export const fieldSlice = (k: Kernel, x: SharedField, from: number, to: number): SharedField => ({
  own: field(k.slice(x.own.words, from, to), to - from),
  next: field(k.slice(x.next.words, from, to), to - from),
})

export const fieldConcat = (k: Kernel, parts: readonly SharedField[]): SharedField => {
  const length = parts.reduce((n, part) => n + part.own.length, 0)
  return {
    own: field(k.concat(parts.map(part => part.own.words)), length),
    next: field(k.concat(parts.map(part => part.next.words)), length),
  }
}
