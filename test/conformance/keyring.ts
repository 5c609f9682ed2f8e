/** What every party's keyring must do, wherever its secrets and run keys rest; each adapter's test runs this unchanged. */
import { expect, test } from 'vitest'
import { utf8 } from '../../shared/base/bytes.ts'
import { seal, unseal } from '../../shared/crypto/sealed-box.ts'
import { sign, verify } from '../../shared/crypto/signature.ts'
import type { Keyring } from '../../shared/port/keyring.ts'

/** `newParty` returns what opens the keyring of a fresh party, each time as another process would. */
export const keyringConformance = (name: string, newParty: () => () => Promise<Keyring>): void => {
  test(`${name}: every process of a party has the same keys, another party has others`, async () => {
    const open = newParty()
    const [one, two, other] = [await open(), await open(), await newParty()()]
    expect(two.signingKey).toEqual(one.signingKey)
    expect(two.sealingKey).toEqual(one.sealingKey)
    expect(two.signer.kid).toBe(one.signer.kid)
    expect(other.signingKey).not.toEqual(one.signingKey)
    expect(other.sealingKey).not.toEqual(one.sealingKey)
    const message = utf8('message')
    expect(verify(sign(message, one.signer.secretKey), message, two.signingKey)).toBe(true)
  })

  test(`${name}: a run key is made once, and opens in every process what was sealed to it`, async () => {
    const open = newParty()
    const keys = await Promise.all(Array.from({ length: 5 }, async () => (await open()).createRunKey('run')))
    for (const key of keys) expect(key.publicKey).toEqual(keys[0]!.publicKey)
    const sealed = await seal(keys[0]!.publicKey, 'test', utf8('for the run'))
    const found = await (await open()).runKey('run')
    expect(await unseal(found!.secretKey, 'test', sealed)).toEqual(utf8('for the run'))
    expect((await (await open()).createRunKey('another')).publicKey).not.toEqual(keys[0]!.publicKey)
  })

  test(`${name}: a destroyed run key is gone for every process, and never comes back`, async () => {
    const open = newParty()
    const [one, two] = [await open(), await open()]
    const before = await one.createRunKey('run')
    expect(await two.runKey('run')).not.toBeNull()
    await one.destroyRunKey('run')
    await one.destroyRunKey('run')
    expect(await one.runKey('run')).toBeNull()
    expect(await two.runKey('run')).toBeNull()
    expect((await two.createRunKey('run')).publicKey).not.toEqual(before.publicKey)
  })
}
