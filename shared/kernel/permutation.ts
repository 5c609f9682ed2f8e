/**
 * Permutations as lists of indices: permuting x by p is y[i] = x[p[i]]. Both kernels share this file: a permutation is
 * public or known to the party that computes with it, so plain numbers do, and no share is touched here.
 */
import { draw } from './check.ts'
import type { WordSource, Words } from './kernel.ts'

const DRAWN_WORDS = 8192

/** The two halves of each word, the low one first; they share its memory. */
const halvesOf = (a: Words): Uint32Array => new Uint32Array(a.buffer, a.byteOffset, 2 * a.length)

/**
 * Fisher and Yates, from the end: position i trades places with a uniform j in [0, i]. j is the next 32-bit half of the
 * stream modulo i + 1, after every half at or above the largest multiple of i + 1 was passed over, so every permutation
 * is equally likely.
 */
export const permutation = (source: WordSource, length: number): Uint32Array => {
  const out = new Uint32Array(length)
  for (let i = 0; i < length; i++) out[i] = i
  let halves: Uint32Array = new Uint32Array(0)
  let at = 0
  for (let i = length - 1; i > 0; i--) {
    const bound = i + 1
    let half: number
    do {
      if (at === halves.length) {
        halves = halvesOf(draw(source, Math.min(DRAWN_WORDS, Math.ceil(bound / 2))))
        at = 0
      }
      half = halves[at++] as number
      // Only a half this near to the end can be past the last multiple, so the slow remainder is almost never taken.
    } while (half >= 2 ** 32 - bound && half >= 2 ** 32 - (2 ** 32 % bound))
    const j = half % bound
    const moved = out[i] as number
    out[i] = out[j] as number
    out[j] = moved
  }
  return out
}

/** By `first`, then by `second`, at once. */
export const compose = (first: Uint32Array, second: Uint32Array): Uint32Array => {
  if (first.length !== second.length) throw new RangeError('kernel: permutations differ in length')
  const out = new Uint32Array(second.length)
  for (let i = 0; i < out.length; i++) out[i] = first[second[i] as number] as number
  return out
}

export const invert = (of: Uint32Array): Uint32Array => {
  const out = new Uint32Array(of.length)
  for (let i = 0; i < out.length; i++) out[of[i] as number] = i
  return out
}

/** Public words as a permutation, or undefined when they are none. */
export const permutationOf = (a: Words): Uint32Array | undefined => {
  const halves = halvesOf(a)
  const out = new Uint32Array(a.length)
  const seen = new Uint8Array(a.length)
  for (let i = 0; i < a.length; i++) {
    const index = halves[2 * i] as number
    if (halves[2 * i + 1] !== 0 || index >= a.length || seen[index] === 1) return undefined
    seen[index] = 1
    out[i] = index
  }
  return out
}
