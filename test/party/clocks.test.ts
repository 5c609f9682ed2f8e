/** Clocks that differ: what is tolerated changes nothing, what is not is refused with its size. */
import { afterEach, expect, test } from 'vitest'
import { createFront } from '../../client/sdk/http.ts'
import { memoryStore } from '../../functions/local/store.ts'
import { startThreeParties, type ThreeParties } from '../../functions/local/three-parties.ts'
import { systemClock } from '../../functions/party/system-clock.ts'
import { signToken } from '../../shared/crypto/jws.ts'
import { takeLease } from '../../shared/party/lease.ts'
import type { Clock } from '../../shared/port/clock.ts'
import { castOf, found } from '../support/federation.ts'

const off = (ms: number): Clock => ({ nowMs: () => Date.now() + ms, sleep: systemClock.sleep })

let three: ThreeParties
afterEach(() => three?.close())
const startWith = async (...offsetsS: readonly [number, number, number]) => {
  three = await startThreeParties({ clock: party => off(offsetsS[party] * 1000) })
  const cast = await castOf(three)
  await found(cast)
  return cast
}

test('parties whose clocks differ by 20 s to both sides compute together', async () => {
  const cast = await startWith(20, -20, 0)
  const versions = [
    await cast.push(cast.owners[0], [
      ['junior', 1],
      ['junior', 2],
    ]),
  ]
  const request = await cast.ask(versions)
  await cast.say(await cast.approval(request, cast.owners[0], versions), cast.owners[0])
  for (const party of [0, 1, 2] as const)
    expect(await cast.ended(party, request)).toMatchObject({ state: 'done' })
  expect((await cast.report(request)).rows.map(row => row.map(String))).toEqual([['junior', '2', '3']])
})

test.each([
  [300, 'behind'],
  [-300, 'ahead of'],
])('a party whose clock is off by %s s takes no tokens, and the client says whose clock differs and by how much', async (offset, which) => {
  const cast = await startWith(0, offset, 0)
  const token = (): string => {
    const iat = Math.floor(Date.now() / 1000)
    const claims = { sub: cast.recipient.kid, aud: 'party-1', iat, exp: iat + 30, federation: cast.digest }
    return signToken(claims, cast.recipient.secretKey)
  }
  const { endpoint } = three.parties[1]
  const front = createFront({ endpoint, name: 'party 1', token, fetch: three.fetch })
  const error = await front.json({ method: 'GET', path: 'v1/log' }).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ name: 'Refusal' })
  expect((error as { hint: string }).hint).toMatch(
    new RegExp(`clock of this machine is (299|300|301) s ${which} the clock of the party`),
  )
})

test('a party whose clock is five minutes behind refuses a request of the future, and says by how much', async () => {
  const cast = await startWith(0, -300, 0)
  const versions = [await cast.push(cast.owners[0], [['junior', 1]])]
  await expect(cast.ask(versions)).rejects.toThrow(
    /party 1: .*"detail":"the request was made (299|300|301) s in the future, .*60 s are tolerated/,
  )
})

test('a worker whose clock is ahead by more than a lease takes over, and the other one notices and leaves', async () => {
  const store = memoryStore()
  const options = { subject: 'A'.repeat(43), leaseMs: 40 }
  const slow = (await takeLease(store, off(0), { ...options, holder: 'slow' }))!
  const fast = (await takeLease(store, off(1000), { ...options, holder: 'fast' }))!
  expect(fast.isTakeover).toBe(true)
  await systemClock.sleep(options.leaseMs / 2)
  await expect(slow.check()).rejects.toMatchObject({ name: 'WorkerLeaves', reason: 'lease-lost' })
  // It waits for the other one as long as its own clock says, so the two do not take turns in taking over.
  expect(await takeLease(store, off(0), { ...options, holder: 'slow' })).toBeNull()
  await fast.check()
})
