/**
 * Loaded into every function of a party on AWS before its own code: notes each call of a service, by whom, and of what, in
 * the file that CALLS_FILE names. A line is `function service action resource`.
 */
import { appendFileSync } from 'node:fs'
import http from 'node:http'
import { syncBuiltinESMExports } from 'node:module'

type Request = (options: http.RequestOptions, ...rest: unknown[]) => http.ClientRequest

const SERVICES: Readonly<Record<string, string>> = {
  DynamoDB_20120810: 'dynamodb',
  AmazonSQS: 'sqs',
  secretsmanager: 'secretsmanager',
}

/** `trias-0-lane-3` is a lane; of the secret there is only one. */
const resourceIn = (body: string): string =>
  /"(?:TableName|QueueUrl)":"[^"]*?trias-\d-([a-z]+)/.exec(body)?.[1] ?? 'secret'

const note = (target: string, body: string): void => {
  const [service = '', action] = target.split('.')
  const name = process.env.AWS_LAMBDA_FUNCTION_NAME
  appendFileSync(
    process.env.CALLS_FILE as string,
    `${name} ${SERVICES[service] ?? service} ${action} ${resourceIn(body)}\n`,
  )
}

const request = http.request as Request
http.request = ((options: http.RequestOptions, ...rest: unknown[]) => {
  const made = request(options, ...rest)
  const headers = (options.headers ?? {}) as Readonly<Record<string, string>>
  const target = headers['x-amz-target'] ?? headers['X-Amz-Target']
  if (target === undefined) return made
  let noted = false
  for (const method of ['write', 'end'] as const) {
    const real = made[method].bind(made) as (...args: unknown[]) => unknown
    Object.assign(made, {
      [method]: (...args: unknown[]) => {
        const [chunk] = args
        if (!noted && (typeof chunk === 'string' || chunk instanceof Uint8Array)) {
          noted = true
          note(target, Buffer.from(chunk as string).toString('latin1'))
        }
        return real(...args)
      },
    })
  }
  return made
}) as typeof http.request
syncBuiltinESMExports()
