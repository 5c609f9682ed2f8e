/** Shared randomness: who draws what, and that no label is ever drawn twice. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes, equalBytes, utf8 } from '../../shared/base/bytes.ts'
import { sha256 } from '../../shared/crypto/hash.ts'
import { P } from '../../shared/field/field.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import { portableKeystream } from '../../shared/prss/portable-keystream.ts'
import { createPrss } from '../../shared/prss/prss.ts'
import { nextOf, PARTIES } from '../../shared/sharing/shared.ts'
import { toHex } from '../support/hex.ts'

const keys = PARTIES.map(j => sha256(utf8(`key ${j}`)))
const prssOf = (party: 0 | 1 | 2, context = 'run 1, attempt 1, stage 0') =>
  createPrss({
    keys: { own: keys[party] as Uint8Array, next: keys[nextOf(party)] as Uint8Array },
    context,
    keystream: portableKeystream,
    kernel: referenceKernel,
  })

test('the native keystream is the portable one', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.string(),
      fc.nat(300),
      (key, label, n) => {
        expect(nativeKeystream(key, label)(n)).toEqual(portableKeystream(key, label)(n))
      },
    ),
  )
  const long = 3 * (1 << 20) + 24
  expect(toHex(sha256(nativeKeystream(keys[0]!, 'long')(long)))).toBe(
    toHex(sha256(portableKeystream(keys[0]!, 'long')(long))),
  )
})

test('a keystream starts at a word boundary and one label is a prefix of its longer self', () => {
  for (const keystream of [portableKeystream, nativeKeystream]) {
    const short = keystream(keys[0]!, 'label')(40)
    expect(short.byteOffset % 8).toBe(0)
    expect(keystream(keys[0]!, 'label')(80).subarray(0, 40)).toEqual(short)
    expect(keystream(keys[0]!, 'other')(40)).not.toEqual(short)
    expect(keystream(keys[1]!, 'label')(40)).not.toEqual(short)
  }
})

test('where the calls cut a stream makes no difference to its bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(40), fc.integer({ min: 65_000, max: 140_000 })), { maxLength: 5 }),
      lengths => {
        const total = lengths.reduce((sum, length) => sum + length, 0)
        const whole = nativeKeystream(keys[0]!, 'label')(total)
        for (const keystream of [portableKeystream, nativeKeystream]) {
          const next = keystream(keys[0]!, 'label')
          const parts = lengths.map(next)
          expect(parts.every(part => part.byteOffset % 8 === 0)).toBe(true)
          expect(equalBytes(concatBytes(parts), whole)).toBe(true)
        }
      },
    ),
    { numRuns: 20 },
  )
})

test('this vector is frozen: a change would make parties of two releases disagree', () => {
  expect(toHex(portableKeystream(new Uint8Array(32), 'label')(32))).toBe(
    '2f0dab970f1034e236c675d2464739185f36d85b92bac3dd22fc6fff38fe1478',
  )
})

test('neighbours draw the same share, and masks cancel', () => {
  const drawn = PARTIES.map(party => {
    const prss = prssOf(party)
    return { bits: prss.bits('step', 'gate', 100), field: prss.field('step', 'mask', 10) }
  })
  for (const j of PARTIES) {
    expect(drawn[j]!.bits.next).toEqual(drawn[nextOf(j)]!.bits.own)
    expect(drawn[j]!.field.next).toEqual(drawn[nextOf(j)]!.field.own)
    expect(drawn[j]!.field.own).not.toEqual(drawn[j]!.field.next)
    expect(drawn[j]!.field.own.words.every(word => word < P)).toBe(true)
    expect((drawn[j]!.bits.own.words[1] as bigint) >> 36n).toBe(0n)
  }
})

test('the streams of a mask are those of the vectors, and count as the draw', () => {
  const [own, next] = [prssOf(2).field('step', 'mask', 10).own, prssOf(2).bits('step', 'mask', 640).next]
  const masks = prssOf(2).masks('step', 'mask', 10)
  expect(referenceKernel.fieldFromRandom(masks.own, 10)).toEqual(own.words)
  expect(masks.next(4)).toEqual(next.words.subarray(0, 4))
  expect(masks.next(6)).toEqual(next.words.subarray(4))
  expect(() => {
    const prss = prssOf(2)
    prss.masks('step', 'mask', 10)
    prss.field('step', 'mask', 10)
  }).toThrow(/drawn twice/)
})

test('one vector alone is the one that both would have been drawn with', () => {
  for (const key of ['own', 'next'] as const)
    expect(prssOf(2).fieldFrom(key, 'step', 'mask', 10)).toEqual(prssOf(2).field('step', 'mask', 10)[key])
})

test('address, purpose, run and domain each give another stream', () => {
  const words = (context: string, address: string, purpose: string) =>
    `${prssOf(0, context).field(address, purpose, 4).own.words}`
  const labels: [string, string, string][] = [
    ['run 1', 'a/b', 'c'],
    ['run 2', 'a/b', 'c'],
    ['run 1', 'a', 'b/c'],
    ['run 1', 'a/b', 'd'],
    ['run 1', 'a","b', 'c'],
    ['run 1","a', 'b', 'c'],
    ['run 1', '', 'a/b/c'],
  ]
  expect(new Set(labels.map(label => words(...label))).size).toBe(labels.length)
})

test('a label drawn twice throws, with the same length, another length or in another domain', () => {
  const draws = [
    (p: ReturnType<typeof prssOf>) => p.bits('a/b', 'gate', 64),
    (p: ReturnType<typeof prssOf>) => p.bits('a/b', 'gate', 128),
    (p: ReturnType<typeof prssOf>) => p.field('a/b', 'gate', 64),
    (p: ReturnType<typeof prssOf>) => p.fieldFrom('own', 'a/b', 'gate', 64),
  ]
  for (const second of draws) {
    const prss = prssOf(1)
    prss.bits('a/b', 'gate', 64)
    expect(() => second(prss)).toThrow(/a\/b.*drawn twice/)
  }
})
