import { hex } from '@scure/base'
import { expect, test } from 'vitest'
import { utf8 } from '../../shared/base/bytes.ts'
import { createSha256, hkdf, sha256 } from '../../shared/crypto/hash.ts'
import { keyId } from '../../shared/crypto/key-id.ts'

test('SHA-256 of "abc", at once and in pieces', () => {
  const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(hex.encode(sha256(utf8('abc')))).toBe(expected)
  const running = createSha256()
  running.update(utf8('a'))
  running.digest()
  running.update(utf8('bc'))
  expect(hex.encode(running.digest())).toBe(expected)
})

test('HKDF-SHA256: RFC 5869, test case 3 (empty salt and info)', () => {
  expect(hex.encode(hkdf(new Uint8Array(22).fill(0x0b), '', 42))).toBe(
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  )
})

test('HKDF takes info as text or as its UTF-8 bytes, and every info gives another key', () => {
  const key = new Uint8Array(32).fill(1)
  expect(hkdf(key, 'größe', 32)).toEqual(hkdf(key, utf8('größe'), 32))
  expect(hkdf(key, 'a', 32)).not.toEqual(hkdf(key, 'b', 32))
})

test('a key id is the start of the base64url SHA-256 of the key', () => {
  expect(keyId(utf8('abc'))).toBe('ungWv48Bz-pBQUDe')
})
