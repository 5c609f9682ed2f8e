/** Rounds and hops of one run, from what the probes saw. */
import type { EventOf, ProbeEvent, Slot } from './events.ts'

export interface Quantiles {
  readonly count: number
  readonly p50: number
  readonly p95: number
}

interface Hops {
  /** From the start of the post until the front has verified the frame, until a worker has it in hand, and the sum. */
  readonly toFront: Quantiles
  readonly toWorker: Quantiles
  readonly whole: Quantiles
}

export interface RunTimes {
  readonly run: string
  /** From the first post to the last frame in hand. */
  readonly seconds: number
  readonly startMs: number
  readonly endMs: number
  readonly frames: number
  readonly frameBytes: number
  /** Of all three parties together. */
  readonly largestRoundBytes: number
  /** From the first post of a round to the first of the next one that anybody posts in. */
  readonly round: Quantiles
  /** By receiver. */
  readonly hops: readonly [Hops, Hops, Hops]
}

const quantiles = (values: readonly number[]): Quantiles => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) }
}

const nameOf = ({ round, part, from, to }: Slot): string => `${round}-${part}-${from}-${to}`

const hopsTo = (
  party: number,
  posts: ReadonlyMap<string, EventOf<'post'>>,
  seen: readonly EventOf<'seen'>[],
): Hops => {
  const times = new Map<string, number[]>()
  for (const { slot, at } of seen) {
    const name = nameOf(slot)
    times.set(name, [...(times.get(name) ?? []), at])
  }
  const hops = [...posts.values()]
    .filter(({ slot }) => slot.to === party)
    .flatMap(({ slot, at }) => {
      // What comes again after that was repeated by a sender or a queue.
      const [front, worker] = times.get(nameOf(slot)) ?? []
      return front === undefined || worker === undefined ? [] : [[front - at, worker - front] as const]
    })
  return {
    toFront: quantiles(hops.map(([toFront]) => toFront)),
    toWorker: quantiles(hops.map(([, toWorker]) => toWorker)),
    whole: quantiles(hops.map(([toFront, toWorker]) => toFront + toWorker)),
  }
}

/** `events`: of each party. The run is the one whose frames were posted last. */
export const timesOfRun = (events: readonly (readonly ProbeEvent[])[], sinceMs: number): RunTimes => {
  const isOf = <K extends 'post' | 'seen'>(kind: K, run?: string) =>
    events.map(ofParty =>
      ofParty.filter(
        (one): one is EventOf<K> =>
          one.kind === kind && one.at >= sinceMs && (run === undefined || one.slot.run === run),
      ),
    )
  const last = isOf('post')
    .flat()
    .toSorted((a, b) => a.at - b.at)
    .at(-1)
  if (last === undefined) throw new Error('no probe has seen a frame')
  const { run } = last.slot
  const seen = isOf('seen', run)
  const posts = new Map<string, EventOf<'post'>>()
  for (const post of isOf('post', run).flat())
    if (!posts.has(nameOf(post.slot))) posts.set(nameOf(post.slot), post)

  const rounds = new Map<number, { atMs: number; bytes: number }>()
  for (const { slot, at, bytes } of posts.values()) {
    const round = rounds.get(slot.round) ?? { atMs: at, bytes: 0 }
    rounds.set(slot.round, { atMs: Math.min(round.atMs, at), bytes: round.bytes + bytes })
  }
  const inOrder = [...rounds].toSorted(([a], [b]) => a - b).map(([, round]) => round)
  const startMs = Math.min(...inOrder.map(({ atMs }) => atMs))
  const endMs = Math.max(...seen.flat().map(({ at }) => at))
  return {
    run,
    startMs,
    endMs,
    seconds: (endMs - startMs) / 1000,
    frames: posts.size,
    frameBytes: inOrder.reduce((sum, { bytes }) => sum + bytes, 0),
    largestRoundBytes: Math.max(...inOrder.map(({ bytes }) => bytes)),
    round: quantiles(inOrder.slice(1).map(({ atMs }, i) => atMs - (inOrder[i]?.atMs ?? atMs))),
    hops: [0, 1, 2].map(party => hopsTo(party, posts, seen[party] ?? [])) as unknown as RunTimes['hops'],
  }
}
