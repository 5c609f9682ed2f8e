/**
 * The state directory of one member on its own machine: profile, key file, federation manifest, and the locks of the
 * datasets that it shared. Files with secrets are readable by their owner only.
 *
 *   profile.json      who I am and where my files are        card.json       my public keys, to give away
 *   key.json          signing and sealing seeds (secret)     federation.json  the signed manifest
 *   locks/<digest>    lock of a dataset version (secret)    federations/<version>.json   manifests in force before
 */
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { fromBase64url, toBase64url } from '../../../shared/base/bytes.ts'
import { InputError } from '../../../shared/base/errors.ts'
import { verifySuccessor } from '../../../shared/governance/check/federation.ts'
import { signingKeysOf } from '../../../shared/governance/roles.ts'
import { openFederation, type SignedDocument } from '../../../shared/governance/sign.ts'
import { type Connection, type ConnectOptions, connect } from '../federation-client.ts'
import { keyFileOf, type MemberKeys, openKeyFile } from '../keys.ts'
import type { Lock } from '../push.ts'

const profileSchema = z.strictObject({
  member: z.string(),
  /** Paths relative to the state directory. */
  keyFile: z.string(),
  federation: z.string(),
})

export type Profile = Readonly<z.infer<typeof profileSchema>>

/** Written beside its place and moved there, so that a crash leaves the old file or the new one. */
const write = async (path: string, text: string, mode: number): Promise<void> => {
  const draft = `${path}.${process.pid}.tmp`
  await writeFile(draft, text, { mode })
  await chmod(draft, mode)
  await rename(draft, path)
}

export const writeSecret = (path: string, text: string): Promise<void> => write(path, text, 0o600)
export const writePublic = (path: string, text: string): Promise<void> => write(path, text, 0o644)

export const readText = async (path: string, what: string, hint?: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch {
    throw new InputError(`cannot read ${what}`, { where: path, ...(hint === undefined ? {} : { hint }) })
  }
}

export const readJson = async (path: string, what: string, hint?: string): Promise<unknown> => {
  const text = await readText(path, what, hint)
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new InputError(`${what} is not JSON`, { where: path })
  }
}

const readProfile = async (home: string): Promise<Profile> => {
  const path = join(home, 'profile.json')
  const hint = 'Create keys and a profile with `trias keygen`, or name the state directory with --home.'
  const parsed = profileSchema.safeParse(await readJson(path, 'the profile', hint))
  if (!parsed.success) throw new InputError('this is not a profile', { where: path, hint })
  return parsed.data
}

/** New keys into a new state directory. Throws InputError when there are keys already. */
export const createHome = async (home: string, keys: MemberKeys, passphrase?: string): Promise<void> => {
  const keyPath = join(home, 'key.json')
  if (existsSync(keyPath))
    throw new InputError('there is a key file already', {
      where: keyPath,
      hint: 'Choose another --home: a lost key cannot open what was sealed to it.',
    })
  await mkdir(join(home, 'locks'), { recursive: true, mode: 0o700 })
  await writeSecret(keyPath, `${JSON.stringify(await keyFileOf(keys, passphrase), null, 2)}\n`)
  const profile: Profile = { member: keys.name, keyFile: 'key.json', federation: 'federation.json' }
  await writePublic(join(home, 'profile.json'), `${JSON.stringify(profile, null, 2)}\n`)
}

export const readKeys = async (home: string, passphrase?: string): Promise<MemberKeys> => {
  const { keyFile } = await readProfile(home)
  return openKeyFile(await readText(resolve(home, keyFile), 'the key file'), passphrase)
}

export const federationPath = async (home: string): Promise<string> =>
  resolve(home, (await readProfile(home)).federation)

const readFederation = async (path: string): Promise<SignedDocument> => {
  const hint = 'Put the signed manifest there, or keep it there with `trias federation show FILE --use`.'
  const manifest = await readJson(path, 'the federation manifest', hint)
  if (typeof manifest !== 'object' || manifest === null || !('signatures' in manifest))
    throw new InputError('the federation manifest is not signed', { where: path, hint })
  return manifest as SignedDocument
}

const earlierFolder = (home: string): string => join(home, 'federations')

/** Manifests that were in force before, the first version first. */
const earlierFederations = async (home: string): Promise<readonly SignedDocument[]> => {
  const folder = earlierFolder(home)
  if (!existsSync(folder)) return []
  const versions = (await readdir(folder)).flatMap(name => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
  const paths = versions.sort((a, b) => Number(a) - Number(b)).map(version => join(folder, `${version}.json`))
  return Promise.all(paths.map(readFederation))
}

/** The manifest of the state directory, if there is a signed one. */
export const currentFederation = async (home: string): Promise<SignedDocument | undefined> => {
  try {
    return await readFederation(await federationPath(home))
  } catch {
    return undefined
  }
}

/**
 * Makes a manifest the one of the state directory: the first, or one that follows the one that is there and holds. Throws
 * `Refusal` as `verifySuccessor`, and InputError when it is of another federation.
 */
export const keepFederation = async (home: string, signed: SignedDocument): Promise<void> => {
  const path = await federationPath(home)
  const current = await currentFederation(home)
  if (current !== undefined) {
    const before = openFederation(current)
    const next = openFederation(signed, signingKeysOf(before.document))
    if (next.digest !== before.digest) {
      if (next.document.previous !== before.digest)
        throw new InputError(
          `this state directory belongs to version ${before.document.version} of ${before.document.name}, which the manifest does not follow`,
          {
            where: path,
            hint: 'Take the versions in between first; for another federation use another --home.',
          },
        )
      verifySuccessor(before, next)
      await mkdir(earlierFolder(home), { recursive: true, mode: 0o700 })
      const kept = join(earlierFolder(home), `${before.document.version}.json`)
      await writePublic(kept, `${JSON.stringify(current)}\n`)
    }
  }
  await writePublic(path, `${JSON.stringify(signed)}\n`)
}

const lockPath = (home: string, dataset: string): string => join(home, 'locks', dataset)

export const keepLock = async (home: string, { dataset, secret }: Lock): Promise<void> => {
  await mkdir(join(home, 'locks'), { recursive: true, mode: 0o700 })
  await writeSecret(lockPath(home, dataset), toBase64url(secret))
}

export const readLock = async (home: string, dataset: string): Promise<Uint8Array> => {
  const text = await readText(
    lockPath(home, dataset),
    'the lock of this dataset version',
    'It is on the machine that shared the data; without it, share the data again.',
  )
  return fromBase64url(text.trim())
}

/** The member's connection to its federation, from its state directory. */
export const connectHome = async (
  home: string,
  options: { readonly passphrase?: string | undefined } & Partial<
    Pick<ConnectOptions, 'timeoutMs' | 'tries'>
  > = {},
): Promise<Connection> => {
  const { passphrase, ...rest } = options
  const keys = await readKeys(home, passphrase)
  const federation = await readFederation(await federationPath(home))
  return connect({ federation, earlier: await earlierFederations(home), keys, ...rest })
}
