/**
 * Reconstruct: what a recipient does with the three parties' shares, and never a party.
 *
 * Every share comes twice, from its two holders. Copies that differ mean that one of them was altered, so nothing is
 * reconstructed then.
 */
import { bytesOfWords, equalBytes } from '../base/bytes.ts'
import { Abort } from '../base/errors.ts'
import { type Bits, bits } from '../bits/bits.ts'
import { type Field, field } from '../field/field.ts'
import type { Kernel, Words } from '../kernel/kernel.ts'
import { nextOf, PARTIES, type Shared, type SharedBits, type SharedField } from './shared.ts'

/** What parties 0, 1 and 2 hold of one vector. */
export type ThreeShares<S> = readonly [S, S, S]

/** Shares 0, 1 and 2 after both copies of each were compared. */
const agreedShares = (shares: ThreeShares<Shared<Bits | Field>>): readonly [Words, Words, Words] => {
  const length = shares[0].own.length
  for (const j of PARTIES) {
    const copy = shares[j].own
    const other = shares[nextOf(nextOf(j))].next
    if (copy.length !== length || other.length !== length)
      throw new Abort('share-lengths-differ', 'the parties hold vectors of different lengths')
    if (!equalBytes(bytesOfWords(copy.words), bytesOfWords(other.words)))
      throw new Abort('share-copies-differ', 'two parties hold different copies of one share')
  }
  return [shares[0].own.words, shares[1].own.words, shares[2].own.words]
}

export const reconstructBits = (kernel: Kernel, shares: ThreeShares<SharedBits>): Bits => {
  const [a, b, c] = agreedShares(shares)
  return bits(kernel.xor(kernel.xor(a, b), c), shares[0].own.length)
}

export const reconstructField = (kernel: Kernel, shares: ThreeShares<SharedField>): Field => {
  const [a, b, c] = agreedShares(shares)
  return field(kernel.fieldAdd(kernel.fieldAdd(a, b), c), shares[0].own.length)
}
