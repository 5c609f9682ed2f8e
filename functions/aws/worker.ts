/**
 * The worker of a party on AWS, called by the wake queue. A subject whose work failed is reported as failed, so that its
 * message comes again, and in the end goes to the dead-letter queue.
 */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { partyOfInstance } from './compose.ts'

/** Time kept for what is under way when a worker hands over: at most this, and at most a quarter of what is left. */
const HAND_OVER_MS = 10_000

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const { party } = await partyOfInstance()
  const leftMs = context.getRemainingTimeInMillis()
  const untilMs = Date.now() + leftMs - Math.min(HAND_OVER_MS, leftMs / 4)
  const work = async ({ body, messageId }: SQSEvent['Records'][number]): Promise<string[]> => {
    try {
      await party.work(body, { untilMs })
      return []
    } catch (error) {
      party.world.log.write('error', 'work-failed', { error: String(error) })
      return [messageId]
    }
  }
  const failed = (await Promise.all(event.Records.map(work))).flat()
  await party.world.telemetry.flush()
  return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) }
}
