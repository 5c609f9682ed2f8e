/** The WebAssembly kernel in whole protocols: the same bytes on the wire as the reference, at sizes with ragged ends. */
import { expect, test } from 'vitest'
import { loadKernel } from '../../functions/party/load-kernel.ts'
import { createNativeSha256 } from '../../shared/crypto/native-hash.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { bitsToFieldAll } from '../../shared/protocol/bit-to-field.ts'
import { dotProducts } from '../../shared/protocol/dot-products.ts'
import { equal } from '../../shared/protocol/equal.ts'
import { fieldToBits } from '../../shared/protocol/field-to-bits.ts'
import { isNegative } from '../../shared/protocol/is-negative.ts'
import { lessThan, lessThanPublic } from '../../shared/protocol/less-than.ts'
import { oneHot } from '../../shared/protocol/one-hot.ts'
import { open } from '../../shared/protocol/open.ts'
import { reveal } from '../../shared/protocol/reveal.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import type { Session } from '../../shared/session/session.ts'
import { toHex } from '../support/hex.ts'
import {
  dealField,
  dealSlices,
  runThree,
  type ThreeOptions,
  valuesOfField,
} from '../support/three-parties.ts'

/** A filter, a group-by over a small domain with sums, and a sign: every protocol once, on the same rows. */
const query = (rows: number) => {
  const amounts = Array.from({ length: rows }, (_, i) => BigInt((i * 7919) % 1024))
  const limits = Array.from({ length: rows }, (_, i) => BigInt((i * 104729) % 1024))
  const keys = Array.from({ length: rows }, (_, i) => BigInt((i * 31) % 5))
  const dealt = {
    amount: dealSlices(amounts, 10),
    limit: dealSlices(limits, 10),
    key: dealSlices(keys, 3),
    value: dealField(amounts),
  }
  const body = async (s: Session) => {
    const amount = dealt.amount[s.party]
    const [less, below, same, hot, sign] = await Promise.all([
      lessThan(s.step('less'), amount, dealt.limit[s.party]),
      lessThanPublic(s.step('below'), amount, 500n),
      equal(s.step('equal'), amount, dealt.limit[s.party]),
      oneHot(s.step('one-hot'), dealt.key[s.party], 5),
      isNegative(s.step('sign'), dealt.value[s.party]),
    ])
    const flags = await bitsToFieldAll(s.step('flags'), [less, below, same, sign, ...hot])
    const value = [dealt.value[s.party]]
    const sums = await dotProducts(
      s.step('sums'),
      flags.map(flag => ({ x: [flag], y: value })),
    )
    const [slice] = await fieldToBits(s.step('bits'), sums, { low: 0n, high: BigInt(rows) * 1024n })
    return { opened: await open(s.step('open'), slice!), revealed: await reveal(s.step('reveal'), sums) }
  }
  const sum = (keep: (i: number) => boolean) =>
    amounts.reduce((total, v, i) => (keep(i) ? total + v : total), 0n)
  const expected = [
    sum(i => amounts[i]! < limits[i]!),
    sum(i => amounts[i]! < 500n),
    sum(i => amounts[i] === limits[i]),
    0n,
    ...[0n, 1n, 2n, 3n, 4n].map(key => sum(i => keys[i] === key)),
  ]
  return { body, expected }
}

const native = { kernel: loadKernel(), keystream: nativeKeystream, createHash: createNativeSha256 }
const portable = { kernel: referenceKernel }

const run = async ({ body, expected }: ReturnType<typeof query>, host: ThreeOptions) => {
  const { results, counters } = await runThree(body, host)
  expect(valuesOfField([results[0].revealed, results[1].revealed, results[2].revealed])).toEqual(expected)
  return counters.map(c => toHex(c.transcript))
}

test('both kernels and both keystreams send the same bytes', async () => {
  for (const rows of [1, 63, 64, 65, 200]) {
    const small = query(rows)
    expect(await run(small, native)).toEqual(await run(small, portable))
  }
})

test('a query over 50,003 rows', async () => {
  await run(query(50_003), native)
})
