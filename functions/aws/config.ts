/** The configuration of a party on AWS, from the environment of its functions. */
import { z } from 'zod'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { deadlinesSetting, jsonVariable, limitsSetting, readVariables } from '../party/settings.ts'

const environmentSchema = z.object({
  /** Lambda sets it. */
  AWS_REGION: z.string().min(1),
  /** Read by the SDK as well; only emulators have them. */
  AWS_ENDPOINT_URL: z.url().optional(),
  AWS_ENDPOINT_URL_DYNAMODB: z.url().optional(),
  TRIAS_PARTY: z.enum(['0', '1', '2']).transform(text => Number(text) as PartyIndex),
  TRIAS_DURABLE_TABLE: z.string().min(3),
  TRIAS_VOLATILE_TABLE: z.string().min(3),
  /** Addresses separated by commas, one queue a lane: so many runs may be under way at once. */
  TRIAS_LANE_QUEUE_URLS: z
    .string()
    .transform(text => text.split(','))
    .pipe(z.array(z.url()).min(1)),
  TRIAS_WAKE_QUEUE_URL: z.url(),
  /** Name or ARN of the secret with the seeds of the party. */
  TRIAS_SECRET_ID: z.string().min(1),
  /** JSON, the members of the on-prem configuration. */
  TRIAS_DEADLINES: jsonVariable(deadlinesSetting).optional(),
  TRIAS_LIMITS: jsonVariable(limitsSetting).optional(),
})

export type AwsConfig = Readonly<z.infer<typeof environmentSchema>>

/** Throws InputError, which names the variable. */
export const readConfig = (environment: NodeJS.ProcessEnv): AwsConfig =>
  readVariables(environmentSchema, environment, 'environment of the function')
