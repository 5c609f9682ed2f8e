/** An approval that ends between `ready` and the start of the run. */
import { expect, test } from 'vitest'
import { type Passing, startThreeParties } from '../../functions/local/three-parties.ts'
import { systemClock } from '../../functions/party/system-clock.ts'
import { fromUtf8 } from '../../shared/base/bytes.ts'
import { digestOfDocument } from '../../shared/governance/sign.ts'
import { PARTIES } from '../../shared/sharing/shared.ts'
import { castOf, found, waitFor } from '../support/federation.ts'

test('an approval that ends between ready and the start stops the run before anything is computed', async () => {
  let aheadMs = 0
  let isHeld = true
  /** Each party says that it is ready, but nobody hears it in time. */
  const isReady = ({ path, body }: Passing): boolean => {
    if (path !== '/v1/documents') return false
    const { payload } = JSON.parse(fromUtf8(body)) as { payload: string }
    return JSON.parse(Buffer.from(payload, 'base64url').toString()).kind === 'ready'
  }
  let frames = 0
  const three = await startThreeParties({
    clock: { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs },
    network: async (passing, deliver) => {
      if (isHeld && isReady(passing)) throw new TypeError('lost')
      if (passing.path === '/v1/frames') frames++
      return deliver(passing.body)
    },
    deadlines: { readyMs: 120_000, postMs: 600_000 },
    tickMs: 50,
  })
  try {
    const cast = await castOf(three)
    await found(cast)
    const versions = [
      await cast.push(cast.owners[0], [
        ['junior', 30_000],
        ['junior', 31_000],
      ]),
    ]
    const request = await cast.ask(versions)
    const approval = await cast.approval(request, cast.owners[0], versions)
    const short = { ...approval, expiresAt: new Date(Date.now() + 60_000).toISOString() }
    expect(await cast.say(short, cast.owners[0])).toBe(digestOfDocument(short))
    const jobs = async () => Promise.all(three.parties.map(({ party }) => party.status(request)))
    await waitFor('all to be ready', async () =>
      (await jobs()).every(job => job?.state === 'ready') ? true : undefined,
    )

    // The approval is over, the request is not, and the time to get ready is not either.
    aheadMs = 90_000
    isHeld = false
    await waitFor('all to be heard', async () =>
      (await three.parties[0].stores.durable.list(`request-${request}/ready/`)).length === 3
        ? true
        : undefined,
    )
    expect((await three.parties[0].party.status(request))?.state).toBe('ready')
    aheadMs = 150_000
    for (const party of PARTIES) {
      const end = await waitFor(`the end at party ${party}`, async () => {
        const job = await three.parties[party].party.status(request)
        return job?.state === 'ready' ? undefined : job
      })
      expect(end).toMatchObject({ state: 'aborted', reason: { check: 'approval-expired', where: 'ready' } })
    }
    expect(frames).toBe(0)
  } finally {
    await three.close()
  }
})
