/**
 * A secret key below `domainSize` as that many bits of which one is set: bit v says key = v. For a key that is not below
 * `domainSize` all of them are zero.
 *
 * One bit b is (¬b, b); two one-hot vectors make the one-hot of both by products of their entries, h_{i,j} = a_i ∧ b_j. As
 * Σ_j h_{i,j} = a_i and Σ_i h_{i,j} = b_j, one entry of a full row and of a full column is free (reference 2.3): 2^w - w - 1
 * ANDs a row for w bits, fewer when the domain ends early.
 *
 * Secret: everything. Public: domain size and length. ceil(log2 w) rounds.
 */
import type { Session } from '../session/session.ts'
import { not, type SharedBits, xor } from '../sharing/shared.ts'
import { and } from './and.ts'
import { bitBytes, type Cost, evenCost, levelsFor } from './cost.ts'

/** How the key is halved, and how large the domains of the halves are. */
const halves = (width: number, domainSize: number) => {
  const lowWidth = Math.ceil(width / 2)
  const lowSize = Math.min(2 ** lowWidth, 2 ** width)
  const highSize = Math.ceil(domainSize / lowSize)
  return { lowWidth, lowSize, highSize, isWhole: domainSize === 2 ** width }
}

/** Entries (i, j) that need an AND, in the order in which they are computed. */
const entriesToMultiply = (width: number, domainSize: number): { i: number; j: number }[] => {
  const { lowSize, highSize, isWhole } = halves(width, domainSize)
  const rows = isWhole ? highSize - 1 : highSize
  return Array.from({ length: rows }, (_, i) => {
    const needed = Math.min(lowSize, domainSize - i * lowSize)
    return Array.from({ length: needed === lowSize ? lowSize - 1 : needed }, (_, j) => ({ i, j }))
  }).flat()
}

const oneHotAnds = (width: number, domainSize: number): number => {
  if (width === 1) return 0
  const { lowWidth, lowSize, highSize } = halves(width, domainSize)
  return (
    oneHotAnds(lowWidth, lowSize) +
    oneHotAnds(width - lowWidth, highSize) +
    entriesToMultiply(width, domainSize).length
  )
}

export const oneHotCost = (width: number, length: number, domainSize: number): Cost =>
  evenCost(levelsFor(width), oneHotAnds(width, domainSize) * bitBytes(length))

export const oneHot = async (
  session: Session,
  key: readonly SharedBits[],
  domainSize: number,
): Promise<SharedBits[]> => {
  const { kernel, party } = session
  const width = key.length
  if (width === 0 || width > 30 || domainSize < 1 || domainSize > 2 ** width)
    throw new RangeError(`one-hot: a domain of ${domainSize} for a key of ${width} bits`)
  if (width === 1) {
    const bit = key[0] as SharedBits
    return [not(kernel, party, bit), bit].slice(0, domainSize)
  }
  const { lowWidth, lowSize, highSize, isWhole } = halves(width, domainSize)
  const [low, high] = await Promise.all([
    oneHot(session.step('low'), key.slice(0, lowWidth), lowSize),
    oneHot(session.step('high'), key.slice(lowWidth), highSize),
  ])
  const entries = entriesToMultiply(width, domainSize)
  const products = await and(
    session.step('product'),
    entries.map(({ i }) => high[i] as SharedBits),
    entries.map(({ j }) => low[j] as SharedBits),
  )
  const known = new Map(entries.map(({ i, j }, at) => [i * lowSize + j, products[at] as SharedBits]))
  const sumOf = (start: SharedBits, values: readonly number[]): SharedBits =>
    values.reduce((sum, v) => xor(kernel, sum, known.get(v) as SharedBits), start)

  return Array.from({ length: domainSize }, (_, v): SharedBits => {
    const computed = known.get(v)
    if (computed) return computed
    const i = Math.floor(v / lowSize)
    const j = v % lowSize
    const free =
      isWhole && i === highSize - 1
        ? sumOf(
            low[j] as SharedBits,
            Array.from({ length: i }, (_, row) => row * lowSize + j),
          )
        : sumOf(
            high[i] as SharedBits,
            Array.from({ length: j }, (_, column) => i * lowSize + column),
          )
    known.set(v, free)
    return free
  })
}
