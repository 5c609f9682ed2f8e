/**
 * EXPLAIN ANALYZE without data: the real engine runs a plan among three parties in this process, over rows of which none
 * counts. What a run sends and how long its kernels take depends on public sizes alone, so this measures what a real run
 * takes except for the network between the parties, and it needs, shows and keeps nobody's values.
 */
import { concatBytes, equalBytes, utf8 } from '../../shared/base/bytes.ts'
import { Abort } from '../../shared/base/errors.ts'
import { type RunningSha256, sha256 } from '../../shared/crypto/hash.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import type { Keystream } from '../../shared/prss/keystream.ts'
import { createPrss } from '../../shared/prss/prss.ts'
import { semiHonestTape } from '../../shared/session/gate-tape.ts'
import { createSession, type Link } from '../../shared/session/lockstep.ts'
import { nextOf, PARTIES, type PartyIndex, previousOf } from '../../shared/sharing/shared.ts'
import type { Actual } from '../../shared/sql/analyze.ts'
import { blankRelations, execute } from '../../shared/sql/execute.ts'
import { meterSteps } from '../../shared/sql/meter.ts'
import type { CompiledQuery } from '../../shared/sql/plan.ts'

/** What the host computes with, and how it knows the time. */
export interface Engine {
  readonly kernel: Kernel
  readonly keystream: Keystream
  readonly createHash?: () => RunningSha256
  readonly afterMicrotasks: (run: () => void) => void
  readonly nowMs: () => number
}

interface Frame {
  readonly digest: Uint8Array
  readonly bytes: Uint8Array
}

/** Frames by sender, receiver and round; whoever comes first waits for the other. */
const createNetwork = () => {
  const slots = new Map<string, ReturnType<typeof Promise.withResolvers<Frame>>>()
  const slot = (from: PartyIndex, to: PartyIndex, round: number) => {
    const key = `${from}>${to}#${round}`
    const there = slots.get(key)
    if (there !== undefined) {
      slots.delete(key)
      return there
    }
    const made = Promise.withResolvers<Frame>()
    slots.set(key, made)
    return made
  }
  const linkOf = (party: PartyIndex): Link => {
    const send = (to: PartyIndex, round: number, digest: Uint8Array, parts: readonly Uint8Array[]): void => {
      const bytes = concatBytes([...parts])
      if (bytes.length > 0) slot(party, to, round).resolve({ digest, bytes })
    }
    const receive = async (from: PartyIndex, round: number, digest: Uint8Array, length: number) => {
      if (length === 0) return new Uint8Array()
      const frame = await slot(from, party, round).promise
      if (!equalBytes(frame.digest, digest))
        throw new Abort('parties-diverged', 'the parties do not compute the same thing')
      return frame.bytes
    }
    return {
      swap: async ({ round, addressDigest, toPrevious, toNext, bytesFromPrevious, bytesFromNext }) => {
        send(previousOf(party), round, addressDigest, toPrevious)
        send(nextOf(party), round, addressDigest, toNext)
        const [fromPrevious, fromNext] = await Promise.all([
          receive(previousOf(party), round, addressDigest, bytesFromPrevious),
          receive(nextOf(party), round, addressDigest, bytesFromNext),
        ])
        return { fromPrevious, fromNext }
      },
    }
  }
  return { linkOf }
}

/** Public, as everything here: nothing is hidden by them. */
const keyOf = (party: PartyIndex): Uint8Array => sha256(utf8(`trias-analyze-1 key ${party}`))

/** Three parties share one core here, so the work of one of them is a third of the time that passes. */
export const analyzeLocally = async (
  { plan }: Pick<CompiledQuery, 'plan'>,
  { kernel, keystream, createHash, afterMicrotasks, nowMs }: Engine,
): Promise<Actual> => {
  const { linkOf } = createNetwork()
  const parties = await Promise.all(
    PARTIES.map(async party => {
      const keys = { own: keyOf(party), next: keyOf(nextOf(party)) }
      const session = createSession({
        party,
        kernel,
        prss: createPrss({ keys, context: 'analyze', keystream, kernel }),
        link: linkOf(party),
        tape: semiHonestTape,
        afterMicrotasks,
        createHash,
      })
      const relations = blankRelations(plan, kernel)
      const sent = (): number => session.state().bytesToPrevious + session.state().bytesToNext
      const meter = meterSteps(plan, () => ({
        rounds: session.state().rounds,
        bytes: sent(),
        ms: nowMs() / PARTIES.length,
      }))
      await execute(session, plan, relations, { onStep: ({ step }) => meter.enter(step) })
      session.finish()
      return { rounds: session.state().rounds, bytes: sent(), steps: meter.spent() }
    }),
  )
  return { where: 'local', parties }
}
