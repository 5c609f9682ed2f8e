/** The front of a party on AWS: the handler of its Function URL. */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'
import { partyOfInstance } from './compose.ts'
import { requestOf, resultOf } from './function-url.ts'

/** An instance stands still between requests, so nothing leaves it by a timer. */
const FLUSH_EVERY_MS = 60_000

export const handler = async (event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> => {
  const { app, party } = await partyOfInstance()
  const result = await resultOf(await app.fetch(requestOf(event)))
  await party.world.telemetry.flush(FLUSH_EVERY_MS)
  return result
}
