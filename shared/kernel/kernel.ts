/**
 * Vector loops over 64-bit words: the only code that touches the inside of a vector.
 *
 * Two kinds of word vectors:
 *  - **bits**: element r is bit r % 64 of word floor(r / 64); bits past the length are zero ("clean tail").
 *  - **field**: one element of F_p a word, p = 2^61 - 1, canonical, that is in [0, p).
 *
 * Every method is a pure function that returns a fresh vector, runs in time that depends on lengths only (no branch and
 * no table index on an element), and has the same result in every implementation. `reference.ts` states the meaning in
 * plain TypeScript, `simd.ts` is the WebAssembly build that runs, `dry.ts` computes nothing and serves the cost model.
 */

export type Words = BigUint64Array

/** A stream of uniform words: each call gives the next `count` of them, fresh and the caller's to change. */
export type WordSource = (count: number) => Words

/**
 * The two streams a party masks with. A kernel draws from them a block at a time while it computes, so masks of the
 * length of a vector never take memory of their own.
 */
export interface Masks {
  readonly own: WordSource
  readonly next: WordSource
}

/** One share of one-hot rows, and of the sums to begin with. */
export interface OneHotShare {
  readonly a: Words
  readonly one: 0 | 1
  readonly initial: Words
}

export interface Kernel {
  readonly name: 'reference' | 'simd' | 'dry'

  // ── memory ──────────────────────────────────────────────────────────────────────────────────────────────────────
  /** `count` zero words. */
  zeros(count: number): Words
  /** `count` copies of one word. */
  fill(count: number, word: bigint): Words
  concat(parts: readonly Words[]): Words
  /** Words [from, to), without copying. */
  slice(a: Words, from: number, to: number): Words
  /** Output element i is element `indices[i]` of `a`, whose words are below 2^61; the indices are no secret of this party's. */
  fieldGather(a: Words, indices: Uint32Array): Words
  /** Output bit i is bit `indices[i]` of `a`; the indices are no secret of this party's. */
  bitsGather(a: Words, indices: Uint32Array): Words
  /** Joins bit vectors of the given lengths (in bits) without gaps. */
  bitsConcat(parts: readonly { readonly words: Words; readonly length: number }[]): Words
  /** Bits [from, to) of a bit vector, moved to the front. */
  bitsSlice(a: Words, from: number, to: number): Words
  /** Bit i is the sum modulo 2 of bits 0 to i, for `length` bits. */
  bitsPrefixXor(a: Words, length: number): Words
  /** At most 64 bit vectors of `length` bits row by row: output bit i w + j is bit i of `slices[j]`, w of them. */
  bitsInterleave(slices: readonly Words[], length: number): Words

  // ── permutations: public, or known to the party; permuting x by p is y[i] = x[p[i]] ─────────────────────────────
  /** Uniform among all permutations of `length` elements, without bias, from as many words as that takes. */
  permutation(source: WordSource, length: number): Uint32Array
  /** By `first`, then by `second`, at once. */
  compose(first: Uint32Array, second: Uint32Array): Uint32Array
  invert(permutation: Uint32Array): Uint32Array
  /** Public words as a permutation, or undefined when they are none. */
  permutationOf(a: Words): Uint32Array | undefined

  // ── bits ────────────────────────────────────────────────────────────────────────────────────────────────────────
  xor(a: Words, b: Words): Words
  and(a: Words, b: Words): Words
  /** Complement of the first `length` bits; the tail stays clean. */
  not(a: Words, length: number): Words
  /** The next `length` bits of a stream, which gives whole words; the rest of the last one is dropped. */
  bitsFromRandom(source: WordSource, length: number): Words
  /** Clears the bits from `length` on. */
  clean(a: Words, length: number): Words
  /**
   * The local step of an AND gate: x_i y_i ⊕ x_i y_{i+1} ⊕ x_{i+1} y_i ⊕ m_i ⊕ m_{i+1}, for `length` bits. Draws as many
   * words of each mask as a vector has.
   */
  andLocal(xOwn: Words, xNext: Words, yOwn: Words, yNext: Words, masks: Masks, length: number): Words
  /** Number of ones. For public vectors. */
  popcount(a: Words): number

  // ── between bits and field ──────────────────────────────────────────────────────────────────────────────────────
  /** Element i is bit i as 0 or 1; `length` elements. */
  bitsToField(a: Words, length: number): Words
  /** Bits as 0 or 1, minus the elements of every vector of `parts` (one or two), `times` over. */
  bitsMinus(a: Words, length: number, times: 1 | 2, parts: readonly [Words, ...Words[]]): Words
  /** Element i of `b` where bit i of `a` is set, 0 elsewhere, minus element i of `c`: the product of bits and elements. */
  bitsMulSub(a: Words, b: Words, c: Words): Words
  /**
   * Transposes rows to slices: `a` holds one value a word, slice j is a bit vector holding bit j of every value.
   * Returns `width` bit vectors of ceil(n / 64) words each, n = a.length.
   */
  toSlices(a: Words, width: number): Words[]
  /** The inverse: `length` words, bit j of word i is bit i of `slices[j]`. */
  fromSlices(slices: readonly Words[], length: number): Words

  // ── field ───────────────────────────────────────────────────────────────────────────────────────────────────────
  /** The next `length` words of a stream as field elements: the low 61 bits, with p mapped to 0 (bias 2^-61). */
  fieldFromRandom(source: WordSource, length: number): Words
  /** True when every word is canonical; for bytes that came from outside. */
  fieldIsCanonical(a: Words): boolean
  fieldAdd(a: Words, b: Words): Words
  fieldSub(a: Words, b: Words): Words
  /** Every element times one public constant in [0, p). */
  fieldScale(a: Words, constant: bigint): Words
  /** Every element plus one public constant in [0, p). */
  fieldAddConstant(a: Words, constant: bigint): Words
  /** Elementwise product. */
  fieldMul(a: Words, b: Words): Words
  /**
   * The local step of a product: x_i y_i + x_i y_{i+1} + x_{i+1} y_i + m_i - m_{i+1}, where m are field elements made of
   * the masks as `fieldFromRandom` makes them.
   */
  mulLocal(xOwn: Words, xNext: Words, yOwn: Words, yNext: Words, masks: Masks): Words
  /** The local step of a dot product without the mask: the one word Σ x_i y_i + x_i y_{i+1} + x_{i+1} y_i. */
  dotLocal(xOwn: Words, xNext: Words, yOwn: Words, yNext: Words): Words
  /** One word: the sum of all elements. */
  fieldSum(a: Words): Words

  // ── field, row by row: element j of row i is word i w + j of a vector, w elements a row ──────────────────────────
  /** Row i is `initial`, which has w elements, plus rows 0 to i of `a`. */
  fieldPrefixSums(a: Words, initial: Words): Words
  /**
   * Public shifts of one-hot rows. `a` holds rows of `size` - 1 elements (`size` a power of two up to 64); what is left
   * of `one` after their sum is the last of a row. Element v of output row i is element v ⊕ `shifts[s]` of row
   * s = `rows[i]`.
   */
  fieldOneHotRows(a: Words, size: number, one: 0 | 1, rows: Uint32Array, shifts: Words): Words
  /** The sum of each element over all these rows, `size` words. */
  fieldOneHotTotals(a: Words, size: number, one: 0 | 1, shifts: Words): Words
  /**
   * The local step of Σ_v f_v s_v for every row, where f is `fieldOneHotRows` of `a` and s is `fieldPrefixSums` of f: one
   * element a row, masked as in `mulLocal`. Neither f nor s takes memory.
   */
  rankLocal(own: OneHotShare, next: OneHotShare, rows: Uint32Array, shifts: Words, masks: Masks): Words
}

/** The modulus of the arithmetic domain, a Mersenne prime. */
export const P = (1n << 61n) - 1n

/** Words that hold `bits` bits. */
export const wordsForBits = (bits: number): number => Math.ceil(bits / 64)
