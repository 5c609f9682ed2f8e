/** What semi-honest mode does not notice, stated as a test, so that the verified mode has something to turn round. */
import { expect, test } from 'vitest'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { multiply } from '../../shared/protocol/multiply.ts'
import { applyPermutation } from '../../shared/protocol/permutation.ts'
import { reveal } from '../../shared/protocol/reveal.ts'
import type { Session } from '../../shared/session/session.ts'
import type { SharedField } from '../../shared/sharing/shared.ts'
import {
  checksOf,
  dealField,
  flipFirstBit,
  runThree,
  settleThree,
  valuesOfField,
} from '../support/three-parties.ts'

const x = dealField([6n])
const y = dealField([7n])

test('only the verified mode notices a wrong product that its party keeps and sends alike', async () => {
  const plusOne = (share: SharedField['own']) => ({
    ...share,
    words: referenceKernel.fieldAddConstant(share.words, 1n),
  })
  const body = async (session: Session) => {
    const z = await multiply(session.step('product'), x[session.party], y[session.party])
    // Party 1 lies: what it keeps as share 1 and what party 0 got from it are both one too large.
    const lied: SharedField =
      session.party === 1
        ? { ...z, own: plusOne(z.own) }
        : session.party === 0
          ? { ...z, next: plusOne(z.next) }
          : z
    return reveal(session.step('reveal'), lied)
  }
  const { results } = await runThree(body)
  expect(valuesOfField(results)).toEqual([43n])
})

test('a product message altered on its way to one holder is noticed before anything leaves', async () => {
  const outcome = await settleThree(
    async session =>
      reveal(
        session.step('reveal'),
        await multiply(session.step('product'), x[session.party], y[session.party]),
      ),
    { corrupt: { party: 1, address: 'product', change: flipFirstBit } },
  )
  expect(checksOf(outcome)).toContain('share-copies-differ')
})

test('only the verified mode notices a column that a party alters while it passes rows on', async () => {
  const position = dealField([1n, 0n])
  const amounts = dealField([5n, 5n])
  let parts = 0
  const { results } = await runThree(
    session => applyPermutation(session.step('apply'), position[session.party], [amounts[session.party]]),
    {
      corrupt: {
        party: 0,
        address: 'apply/shuffle/halves',
        // The positions go first and stay as they are; of the amounts, one becomes 4 or 6.
        change: bytes => (parts++ === 1 ? flipFirstBit(bytes) : bytes),
      },
    },
  )
  const columns = results.map(([column]) => column as SharedField)
  const [a, b] = valuesOfField([columns[0]!, columns[1]!, columns[2]!])
  expect([9n, 11n]).toContain(a! + b!)
})
