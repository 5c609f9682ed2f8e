/**
 * The worker of a party on AWS, called by the wake queue. A subject whose work failed is reported as failed, so that its
 * message comes again, and in the end goes to the dead-letter queue.
 */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { handOverAt } from '../party/hand-over.ts'
import { partyOfInstance } from './compose.ts'

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const { party } = await partyOfInstance()
  const untilMs = handOverAt(context.getRemainingTimeInMillis())
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
