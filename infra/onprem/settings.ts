/**
 * What a deployment may choose, as words of the command line: `--country FI`. Everything has a default, so that the files can
 * be looked at offline; images with a digest of zeros start nowhere, and without `--peers` the party may call nobody.
 */
import { z } from 'zod'
import { InputError } from '../../shared/base/errors.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import type { PartyProps } from './props.ts'

const number = (min: number, max: number) =>
  z.string().regex(/^\d+$/, 'not a number').transform(Number).pipe(z.int().min(min).max(max))

const image = z
  .string()
  .regex(/^[a-z0-9][a-z0-9./:_-]*@sha256:[0-9a-f]{64}$/, 'not an image by its digest, name@sha256:…')

const settingsSchema = z.strictObject({
  party: number(0, 2)
    .transform(party => party as PartyIndex)
    .default(2),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'not a country code of two capital letters')
    .default('DE'),
  region: z.string().min(1).max(200).default('local'),
  image: image.optional(),
  'postgres-image': image.default(`registry.invalid/postgres@sha256:${'0'.repeat(64)}`),
  port: number(1024, 65535).default(8443),
  peers: z
    .string()
    .transform(text => text.split(',').filter(one => one !== ''))
    .pipe(
      z.array(
        z
          .cidrv4('not an IPv4 address range, such as 192.0.2.10/32')
          .refine(range => Number(range.split('/')[1]) >= 8, 'wider than /8'),
      ),
    )
    .default([]),
  'peer-port': number(1, 65535).default(443),
  proxy: z
    .string()
    .regex(/^https?:\/\/[^/@\s]+$/, 'not of the form http://host:port, without a password')
    .optional(),
  'ingress-namespace': z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'not a name that a namespace may have')
    .default('ingress'),
  'storage-gib': number(1, 100_000).default(50),
})

export const SETTINGS = Object.keys(settingsSchema.shape)

/** Throws InputError, which names the setting. */
export const readSettings = (given: Readonly<Record<string, unknown>>): PartyProps => {
  const parsed = settingsSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new InputError(`a setting of the deployment is wrong: ${issue?.message}`, {
      where: `--${String(issue?.path[0])}`,
      hint: 'docs/operating/deploy-onprem.md lists the settings and what they may be.',
    })
  }
  const one = parsed.data
  return {
    party: one.party,
    country: one.country,
    region: one.region,
    image: one.image ?? null,
    postgresImage: one['postgres-image'],
    port: one.port,
    peers: one.peers,
    peerPort: one['peer-port'],
    proxy: one.proxy ?? null,
    ingressNamespace: one['ingress-namespace'],
    storageGib: one['storage-gib'],
  }
}
