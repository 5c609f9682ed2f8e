/**
 * Outbox: what this party has said and another party does not have yet. A record goes when the other party has taken the
 * document, so what a worker cannot post, or does not live to post, the next one posts.
 *
 *   outbox/<subject>/<digest>.<to>   since when, in ms      subject: digest of a request, or `chores`
 *
 * Repeating a document is harmless.
 */
import { fromUtf8, utf8 } from '../base/bytes.ts'
import { Refusal, Unavailable } from '../base/errors.ts'
import { signedText } from '../governance/sign.ts'
import { nextOf, type PartyIndex, previousOf } from '../sharing/shared.ts'
import { manifestOf, type Self } from './self.ts'

const PREFIX = 'outbox/'

/** Notes that both others must get the document with this digest. */
export const noteForOthers = async (self: Self, subject: string, digest: string): Promise<void> => {
  const { party, volatile, clock } = self.world
  for (const to of [previousOf(party), nextOf(party)])
    await volatile.putIfAbsent(`${PREFIX}${subject}/${digest}.${to}`, utf8(String(clock.nowMs())))
}

/** Subjects about which something is still to be posted. */
export const unpostedSubjects = async (self: Self): Promise<ReadonlySet<string>> =>
  new Set(
    (await self.world.volatile.list(PREFIX)).map(key => key.slice(PREFIX.length).split('/')[0] as string),
  )

/** How many times a document is still to be posted to somebody. */
export const unpostedCount = async (self: Self): Promise<number> =>
  (await self.world.volatile.list(PREFIX)).length

/** Posts what is noted about a subject; what does not arrive stays noted. Never throws for an outage of a peer. */
export const postNoted = async (self: Self, subject: string): Promise<void> => {
  const keys = await self.world.volatile.list(`${PREFIX}${subject}/`)
  await Promise.all(
    keys.map(key => {
      const underWay = self.posting.get(key) ?? postOne(self, key).finally(() => self.posting.delete(key))
      self.posting.set(key, underWay)
      return underWay
    }),
  )
}

const postOne = async (self: Self, key: string): Promise<void> => {
  const { volatile, clock, deadlines, log } = self.world
  const [, digest, to] = /([\w-]+)\.([012])$/.exec(key) ?? []
  const record = await volatile.get(key)
  if (digest === undefined || record === null) return
  const leftMs = Number(fromUtf8(record.value)) + deadlines.postMs - clock.nowMs()
  if (leftMs <= 0) {
    log.write('error', 'document-not-taken', { document: digest, to: Number(to) })
    return volatile.delete(key)
  }
  const signed = await self.documents.signed(digest)
  if (signed === null) throw new Error('a document was noted before it was kept')
  try {
    await manifestOf(self).peer.post(Number(to) as PartyIndex, '/v1/documents', utf8(signedText(signed)), {
      deadlineMs: Math.min(leftMs, deadlines.lingerMs),
      cancelled: self.isClosing,
    })
  } catch (error) {
    if (error instanceof Unavailable) return
    if (!(error instanceof Refusal)) throw error
    log.write('warn', 'document-refused-by-peer', { document: digest, to: Number(to), reason: error.message })
  }
  await volatile.delete(key)
}
