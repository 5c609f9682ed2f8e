import { hex } from '@scure/base'
import { expect, test } from 'vitest'
import { utf8 } from '../../shared/base/bytes.ts'
import { portableAead } from '../../shared/crypto/aead.ts'

const { encrypt, decrypt } = portableAead

test('AES-256-GCM: test cases 13 and 14 of the GCM specification', () => {
  const zero = (length: number) => new Uint8Array(length)
  expect(hex.encode(encrypt(zero(32), zero(12), zero(0), zero(0)))).toBe('530f8afbc74536b9a963b4f1c4cb738b')
  expect(hex.encode(encrypt(zero(32), zero(12), zero(16), zero(0)))).toBe(
    'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  )
})

test('round trip; anything altered is authentication-failed', () => {
  const key = new Uint8Array(32).fill(1)
  const nonce = new Uint8Array(12).fill(2)
  const sealed = encrypt(key, nonce, utf8('a piece'), utf8('party 0'))
  expect(decrypt(key, nonce, sealed, utf8('party 0'))).toEqual(utf8('a piece'))
  const failed = expect.objectContaining({ check: 'authentication-failed' })
  for (let at = 0; at < sealed.length; at++) {
    const altered = sealed.slice()
    altered[at] = (altered[at] as number) ^ 128
    expect(() => decrypt(key, nonce, altered, utf8('party 0'))).toThrow(failed)
  }
  expect(() => decrypt(key, nonce, sealed, utf8('party 1'))).toThrow(failed)
  expect(() => decrypt(key, new Uint8Array(12), sealed, utf8('party 0'))).toThrow(failed)
  expect(() => decrypt(new Uint8Array(32), nonce, sealed, utf8('party 0'))).toThrow(failed)
  expect(() => decrypt(key, nonce, sealed.slice(0, 10), utf8('party 0'))).toThrow(failed)
})

test('a key or nonce of the wrong length is a mistake of the caller', () => {
  expect(() => encrypt(new Uint8Array(16), new Uint8Array(12), utf8(''), utf8(''))).toThrow(RangeError)
  expect(() => encrypt(new Uint8Array(32), new Uint8Array(16), utf8(''), utf8(''))).toThrow(RangeError)
  expect(() => decrypt(new Uint8Array(16), new Uint8Array(12), utf8(''), utf8(''))).toThrow(RangeError)
  expect(() => decrypt(new Uint8Array(32), new Uint8Array(16), utf8(''), utf8(''))).toThrow(RangeError)
})
