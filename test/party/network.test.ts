/** The unkind network: what is lost, repeated, delayed or reordered between the parties changes nothing. */
import { expect, test } from 'vitest'
import { type Passing, startThreeParties } from '../../functions/local/three-parties.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { castOf, FOUR_ROWS, found } from '../support/federation.ts'

/** A small generator, so that a failure can be seen again: set NETWORK_SEED to what the test printed. */
const seed = Number(process.env.NETWORK_SEED ?? Math.floor(Math.random() * 2 ** 31))
let state = seed
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

test(`a lossy, repeating, reordering network changes nothing (NETWORK_SEED=${seed})`, async () => {
  const sent: (() => Promise<Response>)[] = []
  const meddle = async (
    passing: Passing,
    deliver: (body: Uint8Array) => Promise<Response>,
  ): Promise<Response> => {
    if (random() < 0.1) throw new TypeError('lost')
    await new Promise(resolve => setTimeout(resolve, random() * 10))
    sent.push(() => deliver(passing.body))
    for (let i = 0; i < 2; i++) await sent[Math.floor(random() * sent.length)]!()
    if (random() < 0.1) throw new TypeError('the answer was lost')
    return deliver(passing.body)
  }
  const three = await startThreeParties({ network: meddle })
  const cast = await castOf(three)
  await found(cast)
  const versions = [await cast.push(cast.owners[0], FOUR_ROWS), await cast.push(cast.owners[1], FOUR_ROWS)]
  const request = await cast.ask(versions)
  for (const owner of cast.owners) await cast.say(await cast.approval(request, owner, versions), owner)
  for (const party of PARTIES) {
    const { state: end, reason } = await cast.ended(party, request)
    expect({ end, reason }).toEqual({ end: 'done', reason: undefined })
  }
  expect((await cast.report(request)).rows.map(row => row.map(String)).sort()).toEqual([
    ['junior', '4', '122000'],
    ['senior', '4', '140004'],
  ])
  await three.close()
})
