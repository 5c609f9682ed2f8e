import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Abort, Refusal } from '../../shared/base/errors.ts'
import { portableAead } from '../../shared/crypto/aead.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import {
  FRAME_BODY_OFFSET,
  FRAME_BYTES_MAX,
  type FrameHeader,
  frameDigest,
  frameKey,
  openFrame,
  PART_BYTES_MAX,
  partsFor,
  sealFrame,
  verifyFrame,
} from '../../shared/wire/frame.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'

const keys = [0, 1, 2].map(party => signingKeyPair(new Uint8Array(32).fill(party + 1)))
const fill = (byte: number) => new Uint8Array(32).fill(byte)
const header: FrameHeader = {
  federation: fill(10),
  run: fill(11),
  attempt: 1,
  round: 7,
  part: 0,
  parts: 2,
  from: 0,
  to: 1,
  addressDigest: fill(12),
}
const key = frameKey(fill(13), 0, 1)
const content = new Uint8Array(1000).map((_, i) => i)
const seal = (changes: Partial<FrameHeader> = {}, body = content) =>
  sealFrame({ ...header, ...changes }, body, key, keys[0]!.secretKey, nativeFrameCrypto)
const receiver = {
  party: 1,
  federation: header.federation,
  signingKeyOf: (party: 0 | 1 | 2) => keys[party]!.publicKey,
  crypto: nativeFrameCrypto,
} as const

const ruleOf = (bytes: Uint8Array): string => {
  try {
    verifyFrame(bytes, receiver)
  } catch (error) {
    if (error instanceof Refusal) return error.rule
    throw error
  }
  return 'taken'
}
const changed = (bytes: Uint8Array, at: number, change = 1): Uint8Array => {
  const copy = bytes.slice()
  copy[at] = copy[at]! ^ change
  return copy
}

test('a frame arrives as it was sent', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 3000 }),
      fc.nat(2 ** 32 - 1),
      fc.integer({ min: 1, max: 65535 }),
      (body, round, parts) => {
        const frame = verifyFrame(seal({ round, parts, part: parts - 1 }, body), receiver)
        expect(frame.header).toEqual({ ...header, round, parts, part: parts - 1 })
        expect(new Uint8Array(openFrame(frame, key, nativeFrameCrypto.aead))).toEqual(body)
        expect(new Uint8Array(openFrame(frame, key, portableAead))).toEqual(body)
      },
    ),
    { numRuns: 40 },
  )
})

test('the same content gives the same bytes, other content another digest', () => {
  expect(seal()).toEqual(seal())
  const digest = (bytes: Uint8Array) => frameDigest(nativeFrameCrypto, verifyFrame(bytes, receiver))
  expect(digest(seal())).toBe(digest(seal()))
  expect(digest(seal({}, content.slice(1)))).not.toBe(digest(seal()))
  expect(digest(seal({ addressDigest: fill(99) }))).not.toBe(digest(seal()))
})

test('a changed byte anywhere is refused', () => {
  const bytes = seal()
  for (let at = 0; at < bytes.length; at += at < FRAME_BODY_OFFSET ? 1 : 97)
    expect(ruleOf(changed(bytes, at)), `byte ${at}`).not.toBe('taken')
})

test('every fault has its rule', () => {
  const bytes = seal()
  expect(ruleOf(bytes)).toBe('taken')
  expect(ruleOf(new Uint8Array(FRAME_BYTES_MAX + 1))).toBe('frame-too-large')
  expect(ruleOf(new Uint8Array(0))).toBe('frame-truncated')
  for (const length of [1, FRAME_BODY_OFFSET, bytes.length - 1])
    expect(ruleOf(bytes.subarray(0, length))).toBe('frame-truncated')
  expect(ruleOf(new Uint8Array([...bytes, 0]))).toBe('frame-truncated')
  expect(ruleOf(changed(bytes, 0))).toBe('frame-version')
  expect(ruleOf(seal({ federation: fill(99) }))).toBe('frame-federation')
  expect(ruleOf(seal({ to: 2 }))).toBe('frame-receiver')
  expect(ruleOf(seal({ from: 1 }))).toBe('frame-sender')
  expect(ruleOf(seal({ from: 2 }))).toBe('frame-signature')
  expect(ruleOf(changed(bytes, 33))).toBe('frame-signature')
  expect(ruleOf(changed(bytes, FRAME_BODY_OFFSET - 1))).toBe('frame-signature')
  expect(ruleOf(seal({ part: 2, parts: 2 }))).toBe('frame-part')
  expect(ruleOf(changed(bytes, bytes.length - 1))).toBe('frame-digest')
})

test('the body opens only with the key, and only where it was sealed', () => {
  const frame = verifyFrame(seal(), receiver)
  const open = (bytes: Uint8Array, by = key) => openFrame(verifyFrame(bytes, receiver), by, portableAead)
  expect(() => open(seal(), frameKey(fill(13), 1, 0))).toThrow(Abort)
  // Another round's body under this header: signed and consistent, but sealed elsewhere.
  const other = { ...frame, sealed: verifyFrame(seal({ round: 8 }), receiver).sealed }
  expect(() => openFrame(other, key, portableAead)).toThrow(Abort)
})

test('the largest part fits into one request', () => {
  expect(seal({}, new Uint8Array(PART_BYTES_MAX)).length).toBeLessThanOrEqual(FRAME_BYTES_MAX)
  expect(() => seal({}, new Uint8Array(PART_BYTES_MAX + 1))).toThrow(RangeError)
  expect([0, 1, PART_BYTES_MAX, PART_BYTES_MAX + 1].map(partsFor)).toEqual([0, 1, 1, 2])
  expect(PART_BYTES_MAX % 8).toBe(0)
})
