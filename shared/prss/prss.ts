/**
 * Pseudo-random secret sharing (Cramer, Damgård, Ishai 2005; reference 2.0): party i knows keys i and i + 1, so any two
 * neighbours can draw the same uniform vector without a message, and the third cannot.
 *
 * Randomness is addressed by label, never by a counter kept in memory: a function that dies and is run again draws the
 * same masks and sends the same bytes. The price is one rule: **one label, one draw**. Two values under one mask would
 * give their difference to a neighbour, so a second use throws, whatever its length. The detector is never switched off.
 */
import { wordsOfBytes } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical.ts'
import { bits } from '../bits/bits.ts'
import { type Field, field } from '../field/field.ts'
import type { Kernel, Masks, WordSource } from '../kernel/kernel.ts'
import type { SharedBits, SharedField } from '../sharing/shared.ts'
import type { Keystream } from './keystream.ts'

export interface Prss {
  /** Throws when this (address, purpose) was drawn before. */
  bits(address: string, purpose: string, length: number): SharedBits
  field(address: string, purpose: string, length: number): SharedField
  /** Both streams themselves, for a kernel to mask with; `words` is how many it will draw from each. */
  masks(address: string, purpose: string, words: number): Masks
  /** The vector from one of the two keys alone, for protocols in which the other one is not needed. */
  fieldFrom(key: 'own' | 'next', address: string, purpose: string, length: number): Field
}

export interface PrssOptions {
  /** Key i and key i + 1 of party i, 32 uniform bytes each, drawn for this run alone. */
  readonly keys: { readonly own: Uint8Array; readonly next: Uint8Array }
  /** Names run, attempt and stage: the same text at all three parties, never the same text twice. */
  readonly context: string
  readonly keystream: Keystream
  readonly kernel: Kernel
}

/** Refuses a label that was used before. */
export const onceOnly = (): ((label: string, length: number) => void) => {
  const lengths = new Map<string, number>()
  return (label, length) => {
    const before = lengths.get(label)
    if (before !== undefined)
      throw new Error(
        `mask ${label} drawn twice${before === length ? '' : `, with lengths ${before} and ${length}`}`,
      )
    lengths.set(label, length)
  }
}

export const createPrss = ({ keys, context, keystream, kernel }: PrssOptions): Prss => {
  if (keys.own.length < 32 || keys.next.length < 32) throw new RangeError('a PRSS key has 32 bytes')
  const use = onceOnly()
  const source = (key: Uint8Array, label: string): WordSource => {
    const next = keystream(key, label)
    return count => wordsOfBytes(next(8 * count))
  }
  /** Canonical JSON, so that no two triples have one text. */
  const labelOf = (address: string, purpose: string, length: number): string => {
    const label = canonicalJson([context, address, purpose])
    use(label, length)
    return label
  }
  const bitsFrom = (key: Uint8Array, label: string, length: number) =>
    bits(kernel.bitsFromRandom(source(key, label), length), length)
  const fieldFrom = (key: Uint8Array, label: string, length: number) =>
    field(kernel.fieldFromRandom(source(key, label), length), length)
  const prss: Prss = {
    bits: (address, purpose, length) => {
      const label = labelOf(address, purpose, length)
      return { own: bitsFrom(keys.own, label, length), next: bitsFrom(keys.next, label, length) }
    },
    field: (address, purpose, length) => {
      const label = labelOf(address, purpose, length)
      return { own: fieldFrom(keys.own, label, length), next: fieldFrom(keys.next, label, length) }
    },
    masks: (address, purpose, words) => {
      const label = labelOf(address, purpose, words)
      return { own: source(keys.own, label), next: source(keys.next, label) }
    },
    fieldFrom: (key, address, purpose, length) =>
      fieldFrom(keys[key], labelOf(address, purpose, length), length),
  }
  return Object.freeze(prss)
}
