/**
 * Early documents: what a peer says about a request that has not reached this party. An honest peer may be ahead of the
 * analyst's post, so it is kept; but anybody can make up digests, so only about so many requests at a time.
 *
 *   early/<signer>/<request>   since when, in ms      gone when the request arrives, or when none can arrive any more
 */
import { fromUtf8, utf8 } from '../base/bytes.ts'
import { Refusal } from '../base/errors.ts'
import { manifestOf, type Self } from './self.ts'

const PREFIX = 'early/'
/** Requests of one peer that may be ahead of us at a time. */
const EARLY_MAX = 256

/** Throws Refusal('document-too-early') when this signer is ahead with too many requests. */
export const noteEarly = async (self: Self, signer: string, request: string): Promise<void> => {
  const { volatile, clock } = self.world
  const prefix = `${PREFIX}${signer}/`
  const own = `${prefix}${request}`
  const noted = await volatile.list(prefix)
  if (noted.includes(own)) return
  if (noted.length >= EARLY_MAX && (await dropOld(self, noted)) === 0)
    throw new Refusal(
      'document-too-early',
      `${EARLY_MAX} requests that this signer speaks about have not arrived here`,
      { hint: 'have the analyst post the requests to all three parties, then send this again' },
    )
  await volatile.putIfAbsent(own, utf8(String(clock.nowMs())))
}

/** A request that nobody can post any more holds no place. How many places were freed. */
const dropOld = async (self: Self, keys: readonly string[]): Promise<number> => {
  const { volatile, clock } = self.world
  const lifeMs = manifestOf(self).opened.document.policy.approvalHoursMax * 3_600_000
  let dropped = 0
  for (const key of keys) {
    const record = await volatile.get(key)
    if (record !== null && clock.nowMs() - Number(fromUtf8(record.value)) < lifeMs) continue
    await volatile.delete(key)
    dropped += 1
  }
  return dropped
}

/** The request is here: nobody is ahead with it any more. */
export const forgetEarly = async (self: Self, request: string): Promise<void> => {
  for (const [kid, { as }] of manifestOf(self).identities)
    if (as === 'party') await self.world.volatile.delete(`${PREFIX}${kid}/${request}`)
}
