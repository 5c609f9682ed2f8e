import { hex } from '@scure/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '../../shared/base/bytes.ts'
import { generateBoxKeyPair, seal, unseal } from '../../shared/crypto/sealed-box.ts'

const pair = await generateBoxKeyPair(new Uint8Array(32).fill(5))
const other = await generateBoxKeyPair()
const secret = utf8('the key of a run')

test('X-Wing: the key pair of the first test vector of the draft', async () => {
  const seed = hex.decode('7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26')
  const { publicKey, secretKey } = await generateBoxKeyPair(seed)
  expect(hex.encode(publicKey.slice(0, 32))).toBe(
    'e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5',
  )
  expect(secretKey).toEqual(seed)
  expect(publicKey.length).toBe(1216)
})

test('what is sealed opens again, at any length, with the same info and associated data', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.string(),
      fc.uint8Array({ maxLength: 40 }),
      async (plaintext, info, aad) => {
        const sealed = await seal(pair.publicKey, info, plaintext, aad)
        expect(sealed.length).toBe(1120 + plaintext.length + 16)
        expect(await unseal(pair.secretKey, info, sealed, aad)).toEqual(new Uint8Array(plaintext))
      },
    ),
    { numRuns: 20 },
  )
})

test('two boxes of one secret have nothing in common', async () => {
  const [a, b] = await Promise.all([seal(pair.publicKey, 'run', secret), seal(pair.publicKey, 'run', secret)])
  expect(a.slice(0, 32)).not.toEqual(b.slice(0, 32))
  expect(a.slice(1120)).not.toEqual(b.slice(1120))
})

test('another key, use, associated data, a flipped bit or a missing byte: seal-broken', async () => {
  const sealed = await seal(pair.publicKey, 'run', secret, utf8('party 1'))
  const broken = { check: 'seal-broken' }
  await expect(unseal(other.secretKey, 'run', sealed, utf8('party 1'))).rejects.toMatchObject(broken)
  await expect(unseal(pair.secretKey, 'run 2', sealed, utf8('party 1'))).rejects.toMatchObject(broken)
  await expect(unseal(pair.secretKey, 'run', sealed, utf8('party 2'))).rejects.toMatchObject(broken)
  for (const at of [0, 500, 1090, 1119, 1120, sealed.length - 1]) {
    const altered = sealed.slice()
    altered[at] = (altered[at] as number) ^ 1
    await expect(unseal(pair.secretKey, 'run', altered, utf8('party 1'))).rejects.toMatchObject(broken)
  }
  for (const length of [0, 100, 1120, sealed.length - 1])
    await expect(
      unseal(pair.secretKey, 'run', sealed.slice(0, length), utf8('party 1')),
    ).rejects.toMatchObject(broken)
})

test('keys of the wrong length are a mistake of the caller', async () => {
  await expect(seal(pair.publicKey.slice(1), 'run', secret)).rejects.toThrow(RangeError)
  await expect(unseal(pair.secretKey.slice(1), 'run', secret)).rejects.toThrow(RangeError)
  await expect(generateBoxKeyPair(new Uint8Array(31))).rejects.toThrow(RangeError)
})
