/** Handlers for the tests of the Lambda host; they run in instances of it, as a deployed file would. */
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  Context,
  LambdaFunctionURLEvent,
  LambdaFunctionURLResult,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda'

let invocations = 0

/** Works for a minute, and says so. */
export const toil = async (): Promise<void> => {
  console.log('toiling')
  await sleep(60_000)
}

/** Sends the body back, and what it came with. */
export const echo = async (event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> => ({
  statusCode: 200,
  headers: {
    'Content-Type': 'application/octet-stream',
    'x-event': JSON.stringify({ ...event, body: undefined }),
  },
  cookies: ['a=1', 'b=2'],
  body: event.body ?? '',
  isBase64Encoded: event.isBase64Encoded,
})

export const inspect = async (event: { readonly waitMs?: number }, context: Context): Promise<object> => {
  invocations++
  const remainingMs = context.getRemainingTimeInMillis()
  await sleep(event.waitMs ?? 0)
  return {
    pid: process.pid,
    invocations,
    remainingMs,
    context,
    environment: process.env,
    directory: process.cwd(),
    nodeOptions: process.execArgv,
  }
}

/** Does as the message says, and tells what it saw by a line on stdout. */
export const consume = async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const batchItemFailures: { itemIdentifier: string }[] = []
  for (const { messageId, body, attributes, eventSourceARN } of event.Records) {
    const order = JSON.parse(body) as {
      name: string
      failures?: number
      waitFirstMs?: number
      hang?: boolean
    }
    const count = Number(attributes.ApproximateReceiveCount)
    console.log(
      JSON.stringify({
        name: order.name,
        count,
        pid: process.pid,
        batch: event.Records.length,
        eventSourceARN,
      }),
    )
    if (order.hang === true && count === 1) await sleep(60_000)
    if (count <= (order.failures ?? 0)) batchItemFailures.push({ itemIdentifier: messageId })
  }
  return { batchItemFailures }
}

export const tooMuch = async (): Promise<string> => 'x'.repeat(6 * 1024 * 1024)
export const spin = async (): Promise<never> => {
  for (;;);
}
export const fail = async (): Promise<never> => {
  throw new TypeError('this handler always fails')
}
export const exit = async (): Promise<never> => process.exit(7)
export const tick = async (event: unknown): Promise<void> => console.log(JSON.stringify(event))
