/** Reconstruction refuses copies that differ. */
import { expect, test } from 'vitest'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { reconstructBits, reconstructField } from '../../shared/sharing/reconstruct.ts'
import { PARTIES, type SharedField } from '../../shared/sharing/shared.ts'
import { bitsToArray, dealBits, dealField } from '../support/three-parties.ts'

test('reconstruct gives back what was dealt', () => {
  expect(bitsToArray(reconstructBits(referenceKernel, dealBits([1, 0, 0, 1, 1])))).toEqual([1, 0, 0, 1, 1])
  expect([...reconstructField(referenceKernel, dealField([5n, 0n, 7n])).words]).toEqual([5n, 0n, 7n])
})

test('one altered copy of any share, or one of another length, stops it', () => {
  const other = dealField([9n, 9n])[0].own
  const shorter = dealField([9n])[0].own
  for (const party of PARTIES)
    for (const side of ['own', 'next'] as const) {
      const altered = (share: SharedField['own']) => {
        const [a, b, c] = dealField([1n, 2n]).map((held, i) =>
          i === party ? { ...held, [side]: share } : held,
        )
        return () => reconstructField(referenceKernel, [a!, b!, c!])
      }
      expect(altered(other)).toThrow(expect.objectContaining({ check: 'share-copies-differ' }))
      expect(altered(shorter)).toThrow(expect.objectContaining({ check: 'share-lengths-differ' }))
    }
})
