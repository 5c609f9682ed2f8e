/**
 * The vector loops in WebAssembly (AssemblyScript). No imports, no allocation, no state between calls: a caller copies
 * its inputs into the staging blocks below, runs one loop over at most one block, and copies the result out.
 *
 * Constant time: every loop runs a number of steps that depends on its public arguments only, and is made of additions,
 * shifts, masks and integer multiplications. No branch and no address depends on a word of a block.
 *
 * Field elements are canonical residues modulo p = 2^61 - 1, so 2^61 ≡ 1 and reducing is adding the high bits to the low.
 *
 * Layout: page 0 is the compiler's. Input blocks 0 to 5 are pages 1 to 6, the output block begins at page 7 and has two
 * pages, because `rowsToSlices` pads its slices.
 */

/** Words in one block. */
export const blockWords: i32 = 8192
/** Address of input block 0; block k follows k × 64 KiB later. */
export const inputAddress: i32 = 1 << 16
/** Address of the output block. */
export const outputAddress: i32 = 7 << 16
/**
 * Words from one slice to the next in the output block: 128 words of data, and 8 that keep the 64 slices of a tile from
 * falling into the same few cache sets.
 */
export const sliceStride: i32 = 136

const P: u64 = (1 << 61) - 1
const LOW_29: u64 = (1 << 29) - 1
const LOW_32: u64 = (1 << 32) - 1

@inline function input(block: i32): usize { return <usize>inputAddress + (<usize>block << 16) }
@inline function output(): usize { return <usize>outputAddress }

// ── bits: two words a step; reading one word past an odd length stays inside the block and its result is not used ────

export function xor(words: i32): void {
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 16) {
    v128.store(output() + at, v128.xor(v128.load(input(0) + at), v128.load(input(1) + at)))
  }
}

export function and(words: i32): void {
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 16) {
    v128.store(output() + at, v128.and(v128.load(input(0) + at), v128.load(input(1) + at)))
  }
}

export function not(words: i32): void {
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 16) {
    v128.store(output() + at, v128.not(v128.load(input(0) + at)))
  }
}

/** xOwn (yOwn ⊕ yNext) ⊕ xNext yOwn ⊕ maskOwn ⊕ maskNext, blocks in the order xOwn xNext yOwn yNext maskOwn maskNext. */
export function andLocal(words: i32): void {
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 16) {
    const xOwn = v128.load(input(0) + at)
    const xNext = v128.load(input(1) + at)
    const yOwn = v128.load(input(2) + at)
    const yNext = v128.load(input(3) + at)
    const mask = v128.xor(v128.load(input(4) + at), v128.load(input(5) + at))
    const products = v128.xor(v128.and(xOwn, v128.xor(yOwn, yNext)), v128.and(xNext, yOwn))
    v128.store(output() + at, v128.xor(products, mask))
  }
}

export function popcount(words: i32): i32 {
  let ones: i64 = 0
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    ones += popcnt<i64>(load<i64>(input(0) + at))
  }
  return <i32>ones
}

/**
 * Moves a bit string up by `shift` (0 to 63) places behind the bits that word 0 of block 1 already holds. Writes
 * words + 1 words; the last one is what ran over.
 */
export function shiftUp(words: i32, shift: i32): void {
  let carry = load<u64>(input(1))
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    const word = load<u64>(input(0) + at)
    store<u64>(output() + at, (word << shift) | carry)
    carry = (word >> 1) >> (63 - shift)
  }
  store<u64>(output() + (<usize>words << 3), carry)
}

/** The inverse: bits `shift` (0 to 63) and up of block 0, which holds one word more than are written. */
export function shiftDown(words: i32, shift: i32): void {
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    const word = load<u64>(input(0) + at)
    const above = load<u64>(input(0) + at, 8)
    store<u64>(output() + at, (word >> shift) | ((above << 1) << (63 - shift)))
  }
}

/** Running sums modulo 2; the sum so far is the one bit in word 0 of block 1, which is left there for the next block. */
export function bitsPrefixXor(words: i32): void {
  let carry = load<u64>(input(1))
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    let word = load<u64>(input(0) + at)
    word ^= word << 1
    word ^= word << 2
    word ^= word << 4
    word ^= word << 8
    word ^= word << 16
    word ^= word << 32
    word ^= 0 - carry
    store<u64>(output() + at, word)
    carry = word >> 63
  }
  store<u64>(input(1), carry)
}

/** Joins the low `width` bits of every word of block 0, whose other bits are zero; `rows` is a multiple of 64. */
export function packRows(rows: i32, width: i32): void {
  let to = output()
  let word: u64 = 0
  let filled: i32 = 0
  for (let at: usize = 0, end = <usize>rows << 3; at < end; at += 8) {
    const row = load<u64>(input(0) + at)
    word |= row << filled
    const over = filled + width - 64
    if (over < 0) {
      filled += width
    } else {
      store<u64>(to, word)
      to += 8
      word = (row >> 1) >> (63 - filled)
      filled = over
    }
  }
}

// ── between bits and field ───────────────────────────────────────────────────────────────────────────────────────────

/** Every bit of `words` words (at most a 64th of a block) as a word of its own. */
export function bitsToField(words: i32): void {
  const one = i64x2.splat(1)
  let to = output()
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    const word = load<u64>(input(0) + at)
    let pair = i64x2.replace_lane(i64x2.splat(word), 1, word >> 1)
    for (let bit = 0; bit < 64; bit += 2) {
      v128.store(to, v128.and(pair, one))
      pair = i64x2.shr_u(pair, 2)
      to += 16
    }
  }
}

/**
 * One step of the 64 × 64 bit transpose (Hacker's Delight 7-3): in every pair of words that are `distance` apart, swaps
 * the bits of the first whose position has `distance` set with those of the second whose position has not. `low` masks
 * the latter. The six steps, in any order, are the transpose.
 */
@inline function swapBits(tile: usize, distance: i32, low: u64): void {
  const mask = i64x2.splat(low)
  for (let group: i32 = 0; group < 64; group += distance << 1) {
    for (let k: i32 = group; k < group + distance; k += 2) {
      const first = tile + (<usize>k << 3)
      const second = first + (<usize>distance << 3)
      const a = v128.load(first)
      const b = v128.load(second)
      const swap = v128.and(v128.xor(i64x2.shr_u(a, distance), b), mask)
      v128.store(second, v128.xor(b, swap))
      v128.store(first, v128.xor(a, i64x2.shl(swap, distance)))
    }
  }
}

const LOW_1: u64 = 0x5555555555555555

/** The steps of all distances but 1, two words at a time and in place. */
@inline function transposePairs(tile: usize): void {
  swapBits(tile, 32, 0x00000000ffffffff)
  swapBits(tile, 16, 0x0000ffff0000ffff)
  swapBits(tile, 8, 0x00ff00ff00ff00ff)
  swapBits(tile, 4, 0x0f0f0f0f0f0f0f0f)
  swapBits(tile, 2, 0x3333333333333333)
}

/** Transposes `tiles` × 64 words of block 0 (and overwrites them); word t of slice j is at t + j × sliceStride. */
export function rowsToSlices(tiles: i32): void {
  const stride = <usize>sliceStride << 3
  for (let t: i32 = 0; t < tiles; t++) {
    const tile = input(0) + (<usize>t << 9)
    transposePairs(tile)
    let to = output() + (<usize>t << 3)
    for (let k: usize = 0; k < 512; k += 16) {
      const a = load<u64>(tile + k)
      const b = load<u64>(tile + k, 8)
      const swap = ((a >> 1) ^ b) & LOW_1
      store<u64>(to, a ^ (swap << 1))
      store<u64>(to + stride, b ^ swap)
      to += stride << 1
    }
  }
}

/** The inverse: from slices in the output block to `tiles` × 64 words in block 0. */
export function slicesToRows(tiles: i32): void {
  const stride = <usize>sliceStride << 3
  for (let t: i32 = 0; t < tiles; t++) {
    const tile = input(0) + (<usize>t << 9)
    let from = output() + (<usize>t << 3)
    for (let k: usize = 0; k < 512; k += 16) {
      const a = load<u64>(from)
      const b = load<u64>(from + stride)
      const swap = ((a >> 1) ^ b) & LOW_1
      store<u64>(tile + k, a ^ (swap << 1))
      store<u64>(tile + k, b ^ swap, 8)
      from += stride << 1
    }
    transposePairs(tile)
  }
}

// ── field: additions ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Sums in [0, 2p) to [0, p): subtracts p, and adds it back where that went below zero. */
@inline function subtractOnce(sum: v128): v128 {
  const p = i64x2.splat(P)
  const difference = i64x2.sub(sum, p)
  return i64x2.add(difference, v128.and(p, i64x2.lt_s(difference, i64x2.splat(0))))
}

export function fieldFromRandom(words: i32): void {
  const p = i64x2.splat(P)
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 16) {
    const low = v128.and(v128.load(input(0) + at), p)
    v128.store(output() + at, v128.andnot(low, i64x2.eq(low, p)))
  }
}

/** 1 when every word is below p. A word is not exactly when it or its successor has one of the top three bits. */
export function fieldIsCanonical(words: i32): i32 {
  let high: u64 = 0
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    const word = load<u64>(input(0) + at)
    high |= word | (word + 1)
  }
  return i32(high >> 61 == 0)
}

export function fieldAdd(words: i32): void {
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 16) {
    const sum = i64x2.add(v128.load(input(0) + at), v128.load(input(1) + at))
    v128.store(output() + at, subtractOnce(sum))
  }
}

export function fieldSub(words: i32): void {
  const p = i64x2.splat(P)
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 16) {
    const negative = i64x2.sub(p, v128.load(input(1) + at))
    v128.store(output() + at, subtractOnce(i64x2.add(v128.load(input(0) + at), negative)))
  }
}

/** Bits of block 2 less `times` (1 or 2) the elements of block 0 and, for two parts, of block 1; `words` of bits. */
export function bitsMinus(words: i32, times: i32, parts: i32): void {
  const one = i64x2.splat(1)
  const p = i64x2.splat(P)
  let at: usize = 0
  for (let from = input(2), end = from + (<usize>words << 3); from < end; from += 8) {
    const word = load<u64>(from)
    let pair = i64x2.replace_lane(i64x2.splat(word), 1, word >> 1)
    for (let bit = 0; bit < 64; bit += 2) {
      let sum = v128.load(input(0) + at)
      if (parts == 2) sum = subtractOnce(i64x2.add(sum, v128.load(input(1) + at)))
      if (times == 2) sum = subtractOnce(i64x2.add(sum, sum))
      v128.store(output() + at, subtractOnce(i64x2.add(v128.and(pair, one), i64x2.sub(p, sum))))
      pair = i64x2.shr_u(pair, 2)
      at += 16
    }
  }
}

/** Elements of block 0 where the bits of block 2 are set, less the elements of block 1. */
export function bitsMulSub(words: i32): void {
  const one = i64x2.splat(1)
  const p = i64x2.splat(P)
  let at: usize = 0
  for (let from = input(2), end = from + (<usize>words << 3); from < end; from += 8) {
    const word = load<u64>(from)
    let pair = i64x2.replace_lane(i64x2.splat(word), 1, word >> 1)
    for (let bit = 0; bit < 64; bit += 2) {
      const chosen = v128.and(v128.load(input(0) + at), i64x2.neg(v128.and(pair, one)))
      v128.store(output() + at, subtractOnce(i64x2.add(chosen, i64x2.sub(p, v128.load(input(1) + at)))))
      pair = i64x2.shr_u(pair, 2)
      at += 16
    }
  }
}

export function fieldAddConstant(words: i32, constant: u64): void {
  const addend = i64x2.splat(constant)
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 16) {
    v128.store(output() + at, subtractOnce(i64x2.add(v128.load(input(0) + at), addend)))
  }
}

// ── field: products ──────────────────────────────────────────────────────────────────────────────────────────────────
// With x = x1 2^32 + x0 and y likewise, x y = lo + mid 2^32 + hi 2^64 for lo = x0 y0, mid = x1 y0 + x0 y1, hi = x1 y1.
// For x < 2^61 and y < 2^62: lo < 2^64, mid < 2^61 + 2^62, hi < 2^59; nothing overflows.

/** lo modulo p, below 2^61 + 8. */
@inline function foldLow(lo: u64): u64 {
  return (lo & P) + (lo >> 61)
}

/** mid 2^32 modulo p, below 2^61 + 2^35: the 29 low bits move up by 32, the others by 61 and so by none. */
@inline function foldMiddle(mid: u64): u64 {
  return ((mid & LOW_29) << 32) + (mid >> 29)
}

/** hi 2^64 modulo p. */
@inline function foldHigh(hi: u64): u64 {
  return hi << 3
}

/** Any word to [0, p). */
@inline function canonical(word: u64): u64 {
  const difference = foldLow(word) - P
  return difference + (P & u64(<i64>difference >> 63))
}

/** x y modulo p, below 2^63. */
@inline function product(x: u64, y: u64): u64 {
  const x0 = x & LOW_32
  const x1 = x >> 32
  const y0 = y & LOW_32
  const y1 = y >> 32
  return foldLow(x0 * y0) + foldMiddle(x1 * y0 + x0 * y1) + foldHigh(x1 * y1)
}

/** xOwn (yOwn + yNext) + xNext yOwn modulo p, below 6 × 2^61 + 2^37 < 2^64: one reduction for both products. */
@inline function crossProduct(xOwn: u64, xNext: u64, yOwn: u64, yNext: u64): u64 {
  const sum = yOwn + yNext
  const a0 = xOwn & LOW_32
  const a1 = xOwn >> 32
  const b0 = sum & LOW_32
  const b1 = sum >> 32
  const c0 = xNext & LOW_32
  const c1 = xNext >> 32
  const d0 = yOwn & LOW_32
  const d1 = yOwn >> 32
  const low = foldLow(a0 * b0) + foldLow(c0 * d0)
  const middle = foldMiddle(a1 * b0 + a0 * b1 + c1 * d0 + c0 * d1)
  return low + middle + foldHigh(a1 * b1 + c1 * d1)
}

export function fieldScale(words: i32, constant: u64): void {
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    store<u64>(output() + at, canonical(product(load<u64>(input(0) + at), constant)))
  }
}

export function fieldMul(words: i32): void {
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    store<u64>(output() + at, canonical(product(load<u64>(input(0) + at), load<u64>(input(1) + at))))
  }
}

/** Blocks in the order xOwn xNext yOwn yNext maskOwn maskNext; the masks are any words, of which the low 61 bits count. */
export function mulLocal(words: i32): void {
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    const cross = crossProduct(
      load<u64>(input(0) + at),
      load<u64>(input(1) + at),
      load<u64>(input(2) + at),
      load<u64>(input(3) + at),
    )
    const mask = (load<u64>(input(4) + at) & P) + (P - (load<u64>(input(5) + at) & P))
    // Folded first: the bounds of the product and of the masks together pass 2^64.
    store<u64>(output() + at, canonical(foldLow(cross) + mask))
  }
}

/** Adds low + high 2^32 to the one output word; both are below 2^46. */
@inline function accumulate(low: u64, high: u64): void {
  store<u64>(output(), canonical(load<u64>(output()) + low + foldMiddle(high)))
}

/** Adds the dot product of the block to the output word. Sums of 32-bit halves of 8192 words cannot overflow. */
export function dotLocal(words: i32): void {
  let low: u64 = 0
  let high: u64 = 0
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    const cross = crossProduct(
      load<u64>(input(0) + at),
      load<u64>(input(1) + at),
      load<u64>(input(2) + at),
      load<u64>(input(3) + at),
    )
    low += cross & LOW_32
    high += cross >> 32
  }
  accumulate(low, high)
}

/** Adds the sum of the block to the output word. */
export function fieldSum(words: i32): void {
  let low: u64 = 0
  let high: u64 = 0
  for (let at: usize = 0, end = <usize>words << 3; at < end; at += 8) {
    const word = load<u64>(input(0) + at)
    low += word & LOW_32
    high += word >> 32
  }
  accumulate(low, high)
}

// ── field, row by row ────────────────────────────────────────────────────────────────────────────────────────────────

/** The sum of two canonical words, canonical. */
@inline function sumOf(a: u64, b: u64): u64 {
  const difference = a + b - P
  return difference + (P & u64(<i64>difference >> 63))
}

/** Adds one row of `columns` words at `row` to the sums at `sums`. */
@inline function addRow(row: usize, sums: usize, columns: i32): void {
  const end = <usize>columns << 3
  let at: usize = 0
  for (; at + 8 < end; at += 16) {
    v128.store(sums + at, subtractOnce(i64x2.add(v128.load(sums + at), v128.load(row + at))))
  }
  if (at < end) store<u64>(sums + at, sumOf(load<u64>(sums + at), load<u64>(row + at)))
}

/** Adds the rows of block 0 to the sums at the beginning of block 1; the sums after every row are the output. */
export function fieldPrefixSums(rows: i32, columns: i32): void {
  const width = <usize>columns << 3
  let row = input(0)
  let to = output()
  for (let r: i32 = 0; r < rows; r++, row += width, to += width) {
    addRow(row, input(1), columns)
    memory.copy(to, input(1), width)
  }
}

/** Rows of size - 1 words in block 0, a public shift a row in block 1. */
export function fieldOneHotRows(rows: i32, size: i32, one: u64): void {
  let from = input(0)
  let to = output()
  for (let r: i32 = 0; r < rows; r++, to += <usize>size << 3) {
    const shift = load<i32>(input(1) + (<usize>r << 3))
    let sum: u64 = 0
    for (let v: i32 = 0; v < size - 1; v++, from += 8) {
      const entry = load<u64>(from)
      sum = sumOf(sum, entry)
      store<u64>(to + (<usize>(v ^ shift) << 3), entry)
    }
    store<u64>(to + (<usize>((size - 1) ^ shift) << 3), canonical(one + (P - sum)))
  }
}

/** The same rows in block 0 and shifts in block 1, added to the `size` sums at the beginning of block 2. */
export function fieldOneHotTotals(rows: i32, size: i32, one: u64): void {
  const sums = input(2)
  let from = input(0)
  for (let r: i32 = 0; r < rows; r++) {
    const shift = load<i32>(input(1) + (<usize>r << 3))
    let total: u64 = 0
    for (let u: i32 = 0; u < size - 1; u++, from += 8) {
      const entry = load<u64>(from)
      total = sumOf(total, entry)
      const sum = sums + (<usize>(u ^ shift) << 3)
      store<u64>(sum, sumOf(load<u64>(sum), entry))
    }
    const sum = sums + (<usize>((size - 1) ^ shift) << 3)
    store<u64>(sum, sumOf(load<u64>(sum), canonical(one + (P - total))))
  }
}

/** Adds an entry of both shares to its sums, which stand 64 words apart, and gives the product of entry and sum. */
@inline function rankEntry(own: u64, next: u64, sum: usize): u64 {
  const sumOwn = sumOf(load<u64>(sum), own)
  const sumNext = sumOf(load<u64>(sum, 512), next)
  store<u64>(sum, sumOwn)
  store<u64>(sum, sumNext, 512)
  return foldLow(crossProduct(own, next, sumOwn, sumNext))
}

/**
 * Rows of both shares in blocks 0 and 1, shifts in block 2, masks in blocks 3 and 4, one word a row; the sums of both
 * shares at the beginning of block 5, 64 words each.
 */
export function rankLocal(rows: i32, size: i32, oneOwn: u64, oneNext: u64): void {
  const sums = input(5)
  let at: usize = 0
  for (let r: i32 = 0; r < rows; r++) {
    const row = <usize>r << 3
    const shift = load<i32>(input(2) + row)
    let totalOwn: u64 = 0
    let totalNext: u64 = 0
    let products: u64 = 0
    for (let u: i32 = 0; u < size - 1; u++, at += 8) {
      const own = load<u64>(input(0) + at)
      const next = load<u64>(input(1) + at)
      totalOwn = sumOf(totalOwn, own)
      totalNext = sumOf(totalNext, next)
      products = foldLow(products + rankEntry(own, next, sums + (<usize>(u ^ shift) << 3)))
    }
    const own = canonical(oneOwn + (P - totalOwn))
    const next = canonical(oneNext + (P - totalNext))
    products = foldLow(products + rankEntry(own, next, sums + (<usize>((size - 1) ^ shift) << 3)))
    const mask = (load<u64>(input(3) + row) & P) + (P - (load<u64>(input(4) + row) & P))
    store<u64>(output() + row, canonical(products + mask))
  }
}
