/** What semi-honest mode does not notice, stated as a test, so that the verified mode has something to turn round. */
import { expect, test } from 'vitest'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { multiply } from '../../shared/protocol/multiply.ts'
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
