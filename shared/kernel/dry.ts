/** The kernel that computes nothing: vectors keep their lengths but hold no words, so costing a plan takes no time. */
import type { Kernel, Words } from './kernel.ts'

const nothing: Words = new BigUint64Array(0)
const none = (): Words => nothing
const noIndices = (): Uint32Array => new Uint32Array(0)

export const dryKernel: Kernel = Object.freeze({
  name: 'dry',
  zeros: none,
  fill: none,
  concat: none,
  slice: none,
  fieldGather: none,
  bitsGather: none,
  bitsConcat: none,
  bitsSlice: none,
  bitsInterleave: none,
  permutation: noIndices,
  compose: noIndices,
  invert: noIndices,
  permutationOf: noIndices,
  xor: none,
  and: none,
  not: none,
  bitsFromRandom: none,
  clean: none,
  andLocal: none,
  popcount: () => 0,
  bitsToField: none,
  bitsMinus: none,
  bitsMulSub: none,
  toSlices: (_: Words, width: number) => Array.from({ length: width }, none),
  fromSlices: none,
  fieldFromRandom: none,
  fieldIsCanonical: () => true,
  fieldAdd: none,
  fieldSub: none,
  fieldScale: none,
  fieldAddConstant: none,
  fieldMul: none,
  mulLocal: none,
  dotLocal: none,
  fieldSum: none,
  fieldPrefixSums: none,
  fieldOneHotRows: none,
  fieldOneHotTotals: none,
  rankLocal: none,
})
