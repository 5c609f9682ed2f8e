import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { hex } from '@scure/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nativeSign, nativeVerify } from '../../shared/crypto/native-signature.ts'
import { sign, signingKeyPair, verify } from '../../shared/crypto/signature.ts'

const implementations = [
  { implementation: 'portable', sign, verify },
  { implementation: 'native', sign: nativeSign, verify: nativeVerify },
]

/** RFC 8032, section 7.1. */
const vectors = [
  {
    name: 'TEST 1',
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    name: 'TEST 2',
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    name: 'TEST 3',
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
]

describe.each(implementations)('$implementation', ({ sign, verify }) => {
  test.each(vectors)('RFC 8032 $name', ({ seed, publicKey, message, signature }) => {
    const pair = signingKeyPair(hex.decode(seed))
    expect(hex.encode(pair.publicKey)).toBe(publicKey)
    expect(hex.encode(sign(hex.decode(message), pair.secretKey))).toBe(signature)
    expect(verify(hex.decode(signature), hex.decode(message), pair.publicKey)).toBe(true)
  })

  test('every single flipped bit of a signature, and another message or key, is refused', () => {
    const { secretKey, publicKey } = signingKeyPair(new Uint8Array(32).fill(7))
    const message = new Uint8Array([1, 2, 3])
    const signature = sign(message, secretKey)
    for (let bit = 0; bit < 512; bit += 5) {
      const altered = signature.slice()
      altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(verify(altered, message, publicKey)).toBe(false)
    }
    expect(verify(signature, new Uint8Array([1, 2, 4]), publicKey)).toBe(false)
    expect(verify(signature, message, signingKeyPair(new Uint8Array(32).fill(8)).publicKey)).toBe(false)
  })

  test('verification is strict: a key of small order, which ZIP-215 would let sign anything, signs nothing', () => {
    const identity = new Uint8Array(32)
    identity[0] = 1
    const signature = new Uint8Array(64)
    signature.set(identity)
    expect(verify(signature, new Uint8Array([1]), identity)).toBe(false)
  })

  test('bytes of the wrong length are no signature and no reason to throw', () => {
    const { publicKey } = signingKeyPair(new Uint8Array(32).fill(7))
    expect(verify(new Uint8Array(63), new Uint8Array(), publicKey)).toBe(false)
    expect(verify(new Uint8Array(64), new Uint8Array(), publicKey.slice(1))).toBe(false)
    expect(verify(new Uint8Array(64).fill(255), new Uint8Array(), new Uint8Array(32).fill(255))).toBe(false)
    expect(() => signingKeyPair(new Uint8Array(31))).toThrow(RangeError)
  })

  test('a signature with another encoding of its scalar is refused', () => {
    const { secretKey, publicKey } = signingKeyPair(new Uint8Array(32).fill(7))
    const message = new Uint8Array([1, 2, 3])
    const signature = sign(message, secretKey)
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const scalar = BigInt(`0x${hex.encode(signature.slice(32).reverse())}`) + order
    signature.set(hex.decode(scalar.toString(16).padStart(64, '0')).reverse(), 32)
    expect(verify(signature, message, publicKey)).toBe(false)
  })
})

test("both implementations make the same signatures, and take each other's", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 300 }),
      (seed, message) => {
        const { secretKey, publicKey } = signingKeyPair(seed)
        const signature = sign(message, secretKey)
        expect(nativeSign(message, secretKey)).toEqual(signature)
        expect(nativeVerify(signature, message, publicKey)).toBe(true)
      },
    ),
    { numRuns: 30 },
  )
})

test('only signature.ts knows the curve', () => {
  const root = resolve(import.meta.dirname, '../..')
  const users = ['shared', 'functions', 'client', 'test', 'bench', 'examples']
    .flatMap(folder => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() && /\.[mc]?[jt]sx?$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(file => /['"]@noble\/curves/.test(readFileSync(file, 'utf8')))
    .map(file => relative(root, file))
  expect(users).toEqual(['shared/crypto/signature.ts'])
})
