/** The configuration of a party on AWS, from the environment of its functions. */
import { z } from 'zod'
import { InputError } from '../../shared/base/errors.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'

const millis = z.int().min(1).exactOptional()

/** Deadlines as JSON, the members of the on-prem configuration. */
const deadlines = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue('is not JSON')
      return z.NEVER
    }
  })
  .pipe(
    z.strictObject({
      roundMs: millis,
      runMs: millis,
      readyMs: millis,
      postMs: millis,
      leaseMs: millis,
      lingerMs: millis,
    }),
  )

const environmentSchema = z.object({
  /** Lambda sets it. */
  AWS_REGION: z.string().min(1),
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
  TRIAS_DEADLINES: deadlines.optional(),
})

export type AwsConfig = Readonly<z.infer<typeof environmentSchema>>

/** Throws InputError, which names the variable. */
export const readConfig = (environment: NodeJS.ProcessEnv): AwsConfig => {
  const parsed = environmentSchema.safeParse(environment)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const [variable, ...member] = issue?.path ?? []
  throw new InputError(`${[variable, ...member].join('.')}: ${issue?.message}`, {
    where: 'environment of the function',
    hint: `set ${String(variable)}`,
  })
}
