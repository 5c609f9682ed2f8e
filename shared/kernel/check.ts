/** What both kernels demand of their arguments. A violation is a bug of the caller, so it throws a RangeError. */
import { P, type WordSource, type Words } from './kernel.ts'

export const sameLength = (a: Words, ...others: readonly Words[]): void => {
  for (const b of others) if (b.length !== a.length) throw new RangeError('kernel: vectors differ in length')
}

export const atMost = (what: string, value: number, limit: number): void => {
  if (!(value >= 0 && value <= limit)) throw new RangeError(`kernel: ${what} past the end of a vector`)
}

/** The next `count` words, and no other number of them. */
export const draw = (source: WordSource, count: number): Words => {
  const words = source(count)
  if (words.length !== count) throw new RangeError('kernel: a stream gave another number of words than asked')
  return words
}

/** A public constant in [0, p). */
export const fieldConstant = (constant: bigint): bigint => {
  if (constant < 0n || constant >= P) throw new RangeError('kernel: the constant is not a field element')
  return constant
}

export const sliceCount = (count: number): number => {
  if (!(count >= 0 && count <= 64)) throw new RangeError('kernel: a word has 64 bits')
  return count
}

/** Rows of a vector that holds `columns` elements a row. */
export const rowCount = (a: Words, columns: number): number => {
  if (!(columns >= 1) || a.length % columns !== 0) throw new RangeError('kernel: a vector ends within a row')
  return a.length / columns
}

/** Entries of a one-hot row. */
export const oneHotSize = (size: number): number => {
  if (![2, 4, 8, 16, 32, 64].includes(size)) throw new RangeError(`kernel: one-hot rows of ${size}`)
  return size
}
