import { expect, test } from 'vitest'
import { Abort } from '../../shared/base/errors.ts'
import { field } from '../../shared/field/field.ts'
import { P } from '../../shared/kernel/kernel.ts'
import { sentPrefix } from '../../shared/party/link.ts'
import { multiply } from '../../shared/protocol/multiply.ts'
import { PARTIES, type PartyIndex, type SharedField, sharedField } from '../../shared/sharing/shared.ts'
import { FRAME_BODY_OFFSET, frameKey, PART_BYTES_MAX, readFrame, sealFrame } from '../../shared/wire/frame.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'
import { federation, fill, keysOf, type Linked, link, run, runId, signing } from './linked.ts'

/** A sharing whose three shares are given: x = s0 + s1 + s2. */
const held = (shares: readonly bigint[][], party: PartyIndex): SharedField =>
  sharedField(
    field(BigUint64Array.from(shares[party]!)),
    field(BigUint64Array.from(shares[(party + 1) % 3]!)),
  )
const X = [
  [1n, 2n, 3n],
  [10n, 20n, 30n],
  [100n, 200n, P - 200n],
]
const Y = [
  [5n, 5n, 5n],
  [0n, 1n, 2n],
  [2n, 2n, 2n],
]
const sumOf = (shares: readonly bigint[][], i: number) =>
  shares.reduce((sum, share) => sum + share[i]!, 0n) % P

const multiplyAt = async (linked: Linked, party: PartyIndex): Promise<SharedField> => {
  const session = linked.session(party)
  const product = await multiply(session.step('first'), held(X, party), held(Y, party))
  const again = await multiply(session.step('second'), product, held(Y, party))
  session.finish()
  return again
}
const everybody = (linked: Linked) => Promise.allSettled(PARTIES.map(party => multiplyAt(linked, party)))
const checkOf = (settled: PromiseSettledResult<unknown>): string => {
  if (settled.status === 'fulfilled') return 'finished'
  return settled.reason instanceof Abort ? settled.reason.check : String(settled.reason)
}
const expectProducts = (results: readonly PromiseSettledResult<SharedField>[]): void => {
  const [a, b, c] = results.map(one => (one as PromiseFulfilledResult<SharedField>).value)
  for (let i = 0; i < 3; i++) {
    const [s0, s1, s2] = [a!.own.words[i]!, b!.own.words[i]!, c!.own.words[i]!]
    const y = sumOf(Y, i)
    expect((s0 + s1 + s2) % P).toBe((sumOf(X, i) * y * y) % P)
    expect([a!.next.words[i], b!.next.words[i], c!.next.words[i]]).toEqual([s1, s2, s0])
  }
}

test('a session over frames computes what it should', async () => {
  const linked = link({ deadlines: { roundMs: 20_000 } })
  const results = await everybody(linked)
  expect(results.map(checkOf)).toEqual(['finished', 'finished', 'finished'])
  expectProducts(results)
  linked.close()
})

test('repeated, late and reordered frames change nothing', async () => {
  const old: { to: PartyIndex; bytes: Uint8Array }[] = []
  const linked = link({
    deadlines: { roundMs: 20_000 },
    pass: async (to, bytes, deliver) => {
      old.push({ to, bytes })
      await new Promise(resolve => setTimeout(resolve, Math.random() * 20))
      await deliver(bytes)
      await deliver(bytes)
      for (const before of old) await linked.deliver(before.to, before.bytes)
    },
  })
  const results = await everybody(linked)
  expect(results.map(checkOf)).toEqual(['finished', 'finished', 'finished'])
  expectProducts(results)
  linked.close()
})

test('a round larger than a frame travels in parts, in any order', async () => {
  const parts = new Set<number>()
  const linked = link({
    deadlines: { roundMs: 20_000 },
    pass: async (_, bytes, deliver) => {
      parts.add(readFrame(bytes).header.part)
      await new Promise(resolve => setTimeout(resolve, Math.random() * 30))
      await deliver(bytes)
    },
  })
  const content = (party: number) =>
    [0, 1].map(half => new Uint8Array(PART_BYTES_MAX + 12_345).map((_, i) => i * (party + 3) + half))
  const swaps = PARTIES.map(party =>
    linked.links[party]!.swap({
      round: 0,
      addressDigest: fill(9),
      toPrevious: content(party),
      toNext: [],
      bytesFromPrevious: 0,
      bytesFromNext: 2 * (PART_BYTES_MAX + 12_345),
    }),
  )
  const received = await Promise.all(swaps)
  for (const party of PARTIES) {
    expect(Buffer.compare(received[party]!.fromNext, Buffer.concat(content((party + 1) % 3)))).toBe(0)
    expect(received[party]!.fromPrevious).toHaveLength(0)
  }
  expect([...parts].sort()).toEqual([0, 1, 2])
  linked.close()
})

test('a party that never answers ends the run at the round deadline, by name', async () => {
  const linked = link({
    deadlines: { roundMs: 300 },
    pass: (_, bytes, deliver) =>
      readFrame(bytes).header.from === 2 && readFrame(bytes).header.round === 1
        ? Promise.resolve()
        : deliver(bytes),
  })
  const results = await everybody(linked)
  const silent = results[1] as PromiseRejectedResult
  expect(silent.reason).toMatchObject({
    check: 'deadline',
    message: 'party 2 did not answer in round 1',
    where: 'round 1',
  })
  linked.close()
})

/** A frame of party 2 for this slot with other content, properly sealed and signed: only party 2 could make it. */
const forge = (bytes: Uint8Array): Uint8Array => {
  const { header } = readFrame(bytes)
  const key = frameKey(header.to === 1 ? keysOf(2).own : keysOf(2).next, 2, header.to)
  return sealFrame(header, new Uint8Array(24).fill(1), key, signing[2]!.secretKey, nativeFrameCrypto)
}

test('two different frames for one slot are equivocation: evidence is kept and the run aborts', async () => {
  const linked = link({
    pass: async (_, bytes, deliver) => {
      const { header } = readFrame(bytes)
      await deliver(bytes)
      if (header.from === 2 && header.round === 0) await deliver(forge(bytes))
    },
  })
  const results = await everybody(linked)
  expect(results.map(checkOf)).toContain('equivocation')
  expect(linked.evidence.some(one => one.includes('2-0-0'))).toBe(true)
  linked.close()
})

test('a party that computes something else is noticed in that round', async () => {
  const linked = link()
  const odd = async (): Promise<unknown> => {
    const session = linked.session(2)
    return multiply(session.step('another'), held(X, 2), held(Y, 2))
  }
  const results = await Promise.allSettled([multiplyAt(linked, 0), multiplyAt(linked, 1), odd()])
  expect(results.map(checkOf)).toContain('parties-diverged')
  linked.close()
})

test('a replay that would send something else sends nothing', async () => {
  const linked = link({ deadlines: { roundMs: 20_000 } })
  await everybody(linked)
  linked.close()
  let sent = 0
  const again = link({ pass: async () => void sent++ })
  for (const party of PARTIES)
    for (const key of await linked.worlds[party]!.volatile.list(sentPrefix(runId)))
      await again.worlds[party]!.volatile.putIfAbsent(
        key,
        (await linked.worlds[party]!.volatile.get(key))!.value,
      )
  const message = { round: 0, addressDigest: fill(1), toNext: [], bytesFromPrevious: 0, bytesFromNext: 0 }
  await expect(again.links[0]!.swap({ ...message, toPrevious: [fill(7)] })).rejects.toMatchObject({
    check: 'mask-reuse',
  })
  expect(sent).toBe(0)
  again.close()
})

test('a body sealed under another key aborts the run', async () => {
  const linked = link({
    pass: async (_, bytes, deliver) => {
      const { header } = readFrame(bytes)
      const content = new Uint8Array(bytes.length - FRAME_BODY_OFFSET - 16)
      const altered =
        header.from === 2
          ? sealFrame(header, content, fill(77), signing[2]!.secretKey, nativeFrameCrypto)
          : bytes
      await deliver(altered)
    },
  })
  const results = await everybody(linked)
  expect(results.map(checkOf)).toContain('authentication-failed')
  linked.close()
})

test('a stop from outside ends every round, now and later', async () => {
  const linked = link({ pass: async () => {} })
  const reason = new Abort('stopped', 'enough')
  const waiting = everybody(linked)
  setTimeout(() => linked.links.forEach(one => void one.stop(reason)), 50)
  expect((await waiting).map(checkOf)).toEqual(['stopped', 'stopped', 'stopped'])
  const message = {
    round: 1,
    addressDigest: federation,
    toPrevious: [run],
    toNext: [],
    bytesFromPrevious: 0,
    bytesFromNext: 0,
  }
  await expect(linked.links[0]!.swap(message)).rejects.toBe(reason)
  linked.close()
})
