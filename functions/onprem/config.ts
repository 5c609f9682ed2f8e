/** The configuration file of an on-prem party. */
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../shared/base/errors.ts'
import { isLoopback } from '../party/loopback.ts'
import { deadlinesSetting, limitsSetting } from '../party/settings.ts'

const file = z.string().min(1)
const host = z.string().min(1)
/** Port 0 takes a free one. */
const port = z.int().min(0).max(65535)

const databaseSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sqlite'), dataDir: file }),
  z.strictObject({
    kind: z.literal('postgres'),
    /** postgresql://user@host:port/database without the password; the host may be a socket folder, `%2Frun%2Fpostgresql`. */
    url: z.string().regex(/^postgres(ql)?:\/\//, 'must start with postgresql://'),
    /** Instead of TRIAS_DATABASE_PASSWORD; readable by its owner only. Neither: the server asks for none. */
    passwordFile: file.optional(),
    /** Made at the first start when the user may; one party, one schema. */
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,39}$/, 'must be 1 to 40 lower-case letters, digits and _')
      .default('trias'),
    /** `verify` checks the server's certificate and name. Left out: off for a server on this machine only. */
    ssl: z.enum(['verify', 'off']).optional(),
    /** PEM certificates to trust instead of the system's. */
    caFile: file.optional(),
  }),
])

const configSchema = z.strictObject({
  party: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** Where the machine and its database are, in the words of the manifest: no environment can tell, so the operator does. */
  region: z.string().min(1).max(200),
  listen: z.strictObject({ host, port }),
  /** Health, readiness and metrics, for the operator's own network; left out, there is no such listener. */
  admin: z.strictObject({ host: host.default('127.0.0.1'), port }).optional(),
  database: databaseSchema.optional(),
  /** Short for a database of kind sqlite. */
  dataDir: file.optional(),
  keyFile: file,
  /** A signed manifest to start with; it may also arrive as a document. */
  federationFile: file.optional(),
  /** Instead of TRIAS_PASSPHRASE; readable by its owner only. */
  passphraseFile: file.optional(),
  deadlines: deadlinesSetting.optional(),
  /** What the front takes in a minute. */
  limits: limitsSetting.optional(),
})

type DatabaseConfig = Readonly<z.infer<typeof databaseSchema>>
type PostgresConfig = Extract<DatabaseConfig, { kind: 'postgres' }>

export type PartyConfig = Readonly<Omit<z.infer<typeof configSchema>, 'dataDir' | 'database'>> & {
  readonly database: DatabaseConfig
}

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
  const {
    dataDir,
    database = dataDir === undefined ? undefined : { kind: 'sqlite', dataDir },
    ...config
  } = parsed.data
  if (database === undefined || (dataDir !== undefined && parsed.data.database !== undefined))
    throw new InputError('exactly one of `database` and `dataDir` must be there', {
      where: path,
      hint: 'keep `database`; `dataDir` is short for { "kind": "sqlite", "dataDir": … }',
    })
  if (database.kind === 'postgres') checkUrl(database.url, path)
  const at = (name: string): string => resolve(dirname(path), name)
  const { keyFile, federationFile, passphraseFile, ...rest } = config
  return {
    ...rest,
    keyFile: at(keyFile),
    database: databaseAt(database, at),
    ...(federationFile === undefined ? {} : { federationFile: at(federationFile) }),
    ...(passphraseFile === undefined ? {} : { passphraseFile: at(passphraseFile) }),
  }
}

const databaseAt = (database: DatabaseConfig, at: (name: string) => string): DatabaseConfig => {
  if (database.kind === 'sqlite') return { ...database, dataDir: at(database.dataDir) }
  const { passwordFile, caFile, ...rest } = database
  return {
    ...rest,
    ...(passwordFile === undefined ? {} : { passwordFile: at(passwordFile) }),
    ...(caFile === undefined ? {} : { caFile: at(caFile) }),
  }
}

/** The file is no place for a password, and TLS has its own settings. Nothing of the URL is repeated in the message. */
const checkUrl = (text: string, path: string): void => {
  const where = `${path}, database.url`
  const url = URL.parse(text)
  if (url === null)
    throw new InputError('this is no URL', { where, hint: 'write postgresql://user@host:port/database' })
  if (url.password !== '' || url.searchParams.has('password'))
    throw new InputError('the URL of the database has a password in it', {
      where,
      hint: 'leave it out; name a passwordFile, or set TRIAS_DATABASE_PASSWORD',
    })
  if (url.search !== '')
    throw new InputError('the URL of the database has parameters', { where, hint: 'use `ssl` and `caFile`' })
}

/** By loopback or a socket folder. */
const isThisMachine = (url: string): boolean => isLoopback(url) || /^(%2f.*|)$/i.test(new URL(url).hostname)

/** How the server proves that it is the right one. Throws InputError. */
export const trustFor = ({ url, ssl, caFile }: PostgresConfig): false | { readonly ca?: string } => {
  if ((ssl ?? (isThisMachine(url) ? 'off' : 'verify')) === 'off') return false
  return caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }
}

/** From the file named in the configuration, else from TRIAS_DATABASE_PASSWORD, else none. Throws InputError. */
export const passwordFor = (
  { passwordFile }: PostgresConfig,
  environment: NodeJS.ProcessEnv,
): string | undefined =>
  passwordFile === undefined
    ? environment.TRIAS_DATABASE_PASSWORD
    : readSecretFile(passwordFile, 'the password file of the database')

/** From the file named in the configuration, else from TRIAS_PASSPHRASE. Throws InputError. */
export const passphraseFor = (config: PartyConfig, environment: NodeJS.ProcessEnv): string => {
  const { passphraseFile } = config
  if (passphraseFile !== undefined) return readSecretFile(passphraseFile, 'the passphrase file')
  const passphrase = environment.TRIAS_PASSPHRASE
  if (passphrase === undefined || passphrase === '')
    throw new InputError('there is no passphrase for the key file', {
      hint: 'set TRIAS_PASSPHRASE, or name a passphraseFile in the configuration',
    })
  return passphrase
}

const readSecretFile = (path: string, what: string): string => {
  let mode: number
  let text: string
  try {
    mode = statSync(path).mode
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InputError(`cannot read ${what}`, { where: path, cause })
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new InputError(`${what} may be read by others`, { where: path, hint: 'chmod 600 it' })
  return text.replace(/\r?\n$/, '')
}
