/**
 * Where a party of the demo runs: the deployment package of a cloud on this machine's host and emulators, or the on-prem
 * process. Each is started by path, as its operator would, from a folder that holds its keys and its configuration.
 */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toBase64url } from '../../shared/base/bytes.ts'
import type { Signer } from '../../shared/crypto/jws.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { generateBoxKeyPair } from '../../shared/crypto/sealed-box.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import type { PartyPublicKeys } from '../../shared/party/key-file.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { createPartyKeyFile, readPartySigner } from '../sdk/node/party-key-file.ts'

/** A container runs the on-prem process, too. */
export type Place = 'aws' | 'azure' | 'onprem' | 'container'

/** What the demo shows and the manifest says about a place. */
export const PLACES: Readonly<
  Record<Place, { readonly provider: string; readonly region: string; readonly runsOn: string }>
> = {
  aws: { provider: 'aws', region: 'eu-central-1', runsOn: 'Lambda functions, DynamoDB and SQS, emulated' },
  azure: {
    provider: 'azure',
    region: 'germanywestcentral',
    runsOn: 'Azure Functions, Table and Queue Storage, emulated',
  },
  onprem: { provider: 'onprem', region: 'this machine', runsOn: 'one process, SQLite' },
  container: { provider: 'onprem', region: 'this machine', runsOn: 'one container, SQLite' },
}

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const ENTRIES: Readonly<Record<Exclude<Place, 'container'>, string>> = {
  aws: path('functions/local/party/aws-main.ts'),
  azure: path('functions/local/party/azure-main.ts'),
  onprem: path('functions/onprem/main.ts'),
}

export interface PreparedParty {
  /** What `node` is called with. */
  readonly command: readonly [entry: string, config: string]
  readonly keys: PartyPublicKeys
  /** For the one thing that an operator signs by hand: the manifest. */
  readonly signer: Signer
}

/** The key file under a passphrase, as `trias keygen --party` makes it. */
const withKeyFile = async (folder: string) => {
  const passphrase = randomBytes(18).toString('base64url')
  const keyFile = join(folder, 'party.key.json')
  const keys = await createPartyKeyFile(keyFile, passphrase)
  await writeFile(join(folder, 'passphrase'), passphrase, { mode: 0o600 })
  return {
    keys,
    signer: await readPartySigner(keyFile, passphrase),
    files: { keyFile: 'party.key.json', passphraseFile: 'passphrase' },
  }
}

/** The two seeds as a cloud's secret store holds them. */
export const withSecret = async (folder: string) => {
  const [signingSeed, sealingSeed] = [randomBytes(32), randomBytes(32)].map(seed => new Uint8Array(seed)) as [
    Uint8Array,
    Uint8Array,
  ]
  const secret = { signingSeed: toBase64url(signingSeed), sealingSeed: toBase64url(sealingSeed) }
  await writeFile(join(folder, 'secrets.json'), JSON.stringify(secret), { mode: 0o600 })
  const { publicKey, secretKey } = signingKeyPair(signingSeed)
  const sealingKey = (await generateBoxKeyPair(sealingSeed)).publicKey
  return {
    keys: { signingKey: toBase64url(publicKey), sealingKey: toBase64url(sealingKey) },
    signer: { kid: keyId(publicKey), secretKey },
    files: { secretsFile: 'secrets.json' },
  }
}

/** Makes the keys of a party and writes its configuration into the folder. */
export const prepareParty = async (
  party: PartyIndex,
  place: Exclude<Place, 'container'>,
  folder: string,
): Promise<PreparedParty> => {
  const { keys, signer, files } = await (place === 'onprem' ? withKeyFile : withSecret)(folder)
  const config = {
    party,
    dataDir: 'data',
    ...files,
    ...(place === 'onprem'
      ? { listen: { host: '127.0.0.1', port: 0 }, region: PLACES.onprem.region }
      : { package: path(`dist/functions/${place}`) }),
  }
  const configFile = join(folder, 'party.json')
  await writeFile(configFile, `${JSON.stringify(config, null, 2)}\n`)
  return { command: [ENTRIES[place], configFile], keys, signer }
}
