/** The configuration of a party on Azure, from the app settings of its function app. */
import { z } from 'zod'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { isLoopback } from '../party/loopback.ts'
import { deadlinesSetting, jsonVariable, limitsSetting, readVariables } from '../party/settings.ts'

/** Every endpoint of a connection string is a loopback address. */
const isOnThisMachine = (connection: string): boolean => {
  if (connection === 'UseDevelopmentStorage=true') return true
  const endpoints = [...connection.matchAll(/(?:^|;)\w*Endpoint=([^;]*)/g)]
  return endpoints.length > 0 && endpoints.every(([, url = '']) => isLoopback(url))
}

const settingsSchema = z
  .object({
    /** The platform sets it. */
    REGION_NAME: z.string().min(1),
    TRIAS_PARTY: z.enum(['0', '1', '2']).transform(text => Number(text) as PartyIndex),
    /** A storage account by name, reached with the managed identity of the app; the triggers read the same setting. */
    TRIAS_STORAGE__accountName: z.string().min(3).optional(),
    /** Which user-assigned identity of the app that is, by its client id; also the one that reads the vault. */
    TRIAS_STORAGE__clientId: z.guid().optional(),
    /** The same account by its ARM id, to ask where it is. */
    TRIAS_STORAGE_ID: z
      .string()
      .regex(/^\/subscriptions\/[\w./()-]+\/storageAccounts\/[a-z0-9]+$/i, 'is no id of a storage account')
      .optional(),
    /** Or by a connection string: an emulator on this machine. */
    TRIAS_STORAGE: z
      .string()
      .min(1)
      .refine(isOnThisMachine, 'names a service that is not on this machine: use TRIAS_STORAGE__accountName')
      .optional(),
    TRIAS_DURABLE_TABLE: z.string().min(3),
    TRIAS_VOLATILE_TABLE: z.string().min(3),
    /** Names separated by commas, one queue a lane: so many runs may be under way at once. */
    TRIAS_LANE_QUEUES: z
      .string()
      .transform(text => text.split(','))
      .pipe(z.array(z.string().min(3)).min(1)),
    TRIAS_WAKE_QUEUE: z.string().min(3),
    /** Key Vault and the name of the secret with the seeds of the party. */
    TRIAS_KEY_VAULT_URL: z.url().optional(),
    TRIAS_SECRET_NAME: z.string().min(1).default('party'),
    /** Or a file, on a developer's machine. */
    TRIAS_SECRETS_FILE: z.string().min(1).optional(),
    /** The functionTimeout of host.json, for workers to hand over in time. */
    TRIAS_WORKER_SECONDS: z.string().regex(/^\d+$/, 'is no number').transform(Number).pipe(z.int().min(1)),
    /** JSON, the members of the on-prem configuration. */
    TRIAS_DEADLINES: jsonVariable(deadlinesSetting).optional(),
    TRIAS_LIMITS: jsonVariable(limitsSetting).optional(),
  })
  .refine(one => (one.TRIAS_STORAGE === undefined) !== (one.TRIAS_STORAGE__accountName === undefined), {
    error: 'exactly one of TRIAS_STORAGE__accountName and TRIAS_STORAGE is needed',
    path: ['TRIAS_STORAGE__accountName'],
  })
  .refine(
    ({ TRIAS_STORAGE__accountName: account, TRIAS_STORAGE_ID: id }) =>
      account === undefined || id?.endsWith(`/storageAccounts/${account}`) === true,
    {
      error: 'is not the id of the account that TRIAS_STORAGE__accountName names',
      path: ['TRIAS_STORAGE_ID'],
    },
  )
  .refine(one => (one.TRIAS_KEY_VAULT_URL === undefined) !== (one.TRIAS_SECRETS_FILE === undefined), {
    error: 'exactly one of TRIAS_KEY_VAULT_URL and TRIAS_SECRETS_FILE is needed',
    path: ['TRIAS_KEY_VAULT_URL'],
  })

export type AzureConfig = Readonly<z.infer<typeof settingsSchema>>

/** Throws InputError, which names the setting. */
export const readConfig = (environment: NodeJS.ProcessEnv): AzureConfig =>
  readVariables(settingsSchema, environment, 'app settings')
