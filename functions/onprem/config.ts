/** The configuration file of an on-prem party. */
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../shared/base/errors.ts'

const millis = z.int().min(1)

const configSchema = z.strictObject({
  party: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** Port 0 takes a free one. */
  listen: z.strictObject({ host: z.string().min(1), port: z.int().min(0).max(65535) }),
  dataDir: z.string().min(1),
  keyFile: z.string().min(1),
  /** A signed manifest to start with; it may also arrive as a document. */
  federationFile: z.string().min(1).optional(),
  /** Instead of TRIAS_PASSPHRASE; readable by its owner only. */
  passphraseFile: z.string().min(1).optional(),
  deadlines: z
    .strictObject({ roundMs: millis, runMs: millis, readyMs: millis, postMs: millis, leaseMs: millis })
    .partial()
    .optional(),
})

export type PartyConfig = Readonly<z.infer<typeof configSchema>>

/** Paths in the file are relative to it. Throws InputError. */
export const readConfig = (path: string): PartyConfig => {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new InputError('cannot read the configuration of the party', { where: path, cause })
  }
  const parsed = configSchema.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new InputError(`${issue?.path.join('.') || 'configuration'}: ${issue?.message}`, { where: path })
  }
  const config = parsed.data
  const at = (file: string): string => resolve(dirname(path), file)
  return {
    ...config,
    dataDir: at(config.dataDir),
    keyFile: at(config.keyFile),
    ...(config.federationFile === undefined ? {} : { federationFile: at(config.federationFile) }),
    ...(config.passphraseFile === undefined ? {} : { passphraseFile: at(config.passphraseFile) }),
  }
}

/** From the file named in the configuration, else from TRIAS_PASSPHRASE. Throws InputError. */
export const passphraseFor = (config: PartyConfig, environment: NodeJS.ProcessEnv): string => {
  const { passphraseFile } = config
  if (passphraseFile !== undefined) {
    if (process.platform !== 'win32' && (statSync(passphraseFile).mode & 0o077) !== 0)
      throw new InputError('the passphrase file may be read by others', {
        where: passphraseFile,
        hint: 'chmod 600 it',
      })
    return readFileSync(passphraseFile, 'utf8').replace(/\r?\n$/, '')
  }
  const passphrase = environment.TRIAS_PASSPHRASE
  if (passphrase === undefined || passphrase === '')
    throw new InputError('there is no passphrase for the key file', {
      hint: 'set TRIAS_PASSPHRASE, or name a passphraseFile in the configuration',
    })
  return passphrase
}
