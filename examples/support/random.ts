/**
 * A small seeded generator for made-up data: the same seed, the same rows. Not for secrets.
 *
 * sfc32 (C. Doty-Humphrey), mixed up from one 32-bit seed.
 */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number
  /** Uniform integer in [low, high]. */
  integer(low: number, high: number): number
  /** Standard normal (Box-Muller). */
  normal(): number
  chance(probability: number): boolean
  /** One of the names, with the given weights, which need not add up to 1. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T
}

export const createRandom = (seed: number): Random => {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1]
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 15; i++) next()

  const uniform = (): number => next() / 2 ** 32
  return Object.freeze({
    uniform,
    integer: (low: number, high: number) => low + Math.floor(uniform() * (high - low + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    chance: (probability: number) => uniform() < probability,
    weighted: <T extends string>(weights: Readonly<Record<T, number>>): T => {
      const entries = Object.entries(weights) as [T, number][]
      let left = uniform() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [name, weight] of entries) {
        left -= weight
        if (left < 0) return name
      }
      return (entries.at(-1) as [T, number])[0]
    },
  })
}
