/** Key files: secrets under a passphrase, readable by their owner only, and never mixed up unnoticed. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKeys, keyFileOf, openKeyFile } from '../../client/sdk/keys.ts'
import { createHome, keepLock, readKeys, readLock } from '../../client/sdk/node/home.ts'
import { toBase64url } from '../../shared/base/bytes.ts'
import { InputError } from '../../shared/base/errors.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trias-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a key file gives back the same keys, with and without a passphrase', async () => {
  const keys = await createKeys('ann')
  for (const passphrase of [undefined, 'correct horse']) {
    const text = JSON.stringify(await keyFileOf(keys, passphrase))
    expect(await openKeyFile(text, passphrase)).toEqual(keys)
    expect(text.includes(toBase64url(keys.seeds))).toBe(passphrase === undefined)
  }
})

test('a wrong or missing passphrase, an altered name and a swapped key do not open', async () => {
  const file = await keyFileOf(await createKeys('ann'), 'right')
  const open = (changed: object, passphrase?: string) =>
    openKeyFile(JSON.stringify({ ...file, ...changed }), passphrase)
  await expect(open({}, 'wrong')).rejects.toThrow(InputError)
  await expect(open({})).rejects.toThrow(/needs its passphrase/)
  await expect(open({ name: 'bob' }, 'right')).rejects.toThrow(InputError)
  const plain = await keyFileOf(await createKeys('ann'))
  const other = await keyFileOf(await createKeys('ann'))
  await expect(openKeyFile(JSON.stringify({ ...plain, signingKey: other.signingKey }))).rejects.toThrow(
    /damaged/,
  )
  await expect(openKeyFile('{}')).rejects.toThrow(/not a member key file/)
})

test('keys and locks are files that only their owner may read, and keys are never replaced', async () => {
  const home = join(folder, 'ann')
  const keys = await createKeys('ann')
  await createHome(home, keys)
  await keepLock(home, { dataset: 'x'.repeat(43), secret: new Uint8Array(32).fill(7) })
  for (const file of ['key.json', join('locks', 'x'.repeat(43))])
    expect((await stat(join(home, file))).mode & 0o777).toBe(0o600)
  expect(await readLock(home, 'x'.repeat(43))).toEqual(new Uint8Array(32).fill(7))
  const before = await readFile(join(home, 'key.json'), 'utf8')
  await expect(createHome(home, await createKeys('ann'))).rejects.toThrow(/already/)
  expect(await readFile(join(home, 'key.json'), 'utf8')).toBe(before)
  expect(await readKeys(home)).toEqual(keys)
})
