/** The front of a party on AWS: the handler of its Function URL. */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'
import { partyOfInstance } from './compose.ts'
import { requestOf, resultOf } from './function-url.ts'

export const handler = async (event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> => {
  const { app } = await partyOfInstance()
  return resultOf(await app.fetch(requestOf(event)))
}
