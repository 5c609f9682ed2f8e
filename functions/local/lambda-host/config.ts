/** What a Lambda host runs: functions, and what invokes them. Defaults are Lambda's own where it has one. */
import { z } from 'zod'

/** Lambda sets these itself and refuses a function that brings its own. */
const RESERVED =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_DEFAULT_REGION|AWS_REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/

const functionSchema = z.strictObject({
  name: z.string().regex(/^[\w-]{1,64}$/),
  /** The unpacked deployment package. */
  directory: z.string().min(1),
  /** `file.export`, the file without its ending. */
  handler: z.string().regex(/^[\w./-]+\.\w+$/),
  memoryMb: z.int().min(128).max(10_240).default(128),
  timeLimitS: z.number().positive().max(900).default(3),
  /** Instances at most: the reserved concurrency of the function. */
  concurrency: z.int().min(1).default(10),
  environment: z
    .record(z.string(), z.string())
    .default({})
    .refine(
      given => !Object.keys(given).some(name => RESERVED.test(name)),
      'Lambda reserves one of these names',
    ),
})

export const lambdaHostSchema = z
  .strictObject({
    region: z.string().min(1).default('eu-central-1'),
    functions: z.array(functionSchema).min(1),
    /** A Function URL on loopback; port 0 takes a free one. */
    url: z.strictObject({ function: z.string(), port: z.int().min(0).max(65_535).default(0) }).optional(),
    /** SQS event source mappings. The endpoint of SQS is the origin of the queue's address. */
    queues: z
      .array(
        z.strictObject({
          function: z.string(),
          queueUrl: z.url(),
          batchSize: z.int().min(1).max(10).default(1),
          maximumConcurrency: z.int().min(2).max(1000).default(2),
        }),
      )
      .default([]),
    /** EventBridge rules. Real ones take whole minutes. */
    schedules: z.array(z.strictObject({ function: z.string(), everyS: z.number().positive() })).default([]),
  })
  .refine(
    ({ functions, url, queues, schedules }) =>
      [...(url === undefined ? [] : [url]), ...queues, ...schedules].every(source =>
        functions.some(({ name }) => name === source.function),
      ),
    'an event source names a function that is not there',
  )

export type LambdaHostConfig = z.infer<typeof lambdaHostSchema>
export type FunctionConfig = LambdaHostConfig['functions'][number]
export type QueueConfig = LambdaHostConfig['queues'][number]
export type ScheduleConfig = LambdaHostConfig['schedules'][number]

/** Made up: there is no account behind a local host. */
export const ACCOUNT = '000000000000'

export const functionArn = (region: string, name: string): string =>
  `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`
