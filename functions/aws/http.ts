/** The front of a party on AWS: the handler of a Function URL, payload format 2.0. */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'
import { partyOfInstance } from './compose.ts'

/** Of a response as JSON, in base64 and with some room for headers; Lambda would answer 502 without a reason. */
const BODY_BYTES_MAX = ((6 * 1024 * 1024) / 4) * 3 - 64 * 1024

const requestOf = ({
  requestContext: { domainName, http },
  rawPath,
  rawQueryString,
  headers,
  body,
  isBase64Encoded,
}: LambdaFunctionURLEvent): Request => {
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`
  return new Request(`https://${domainName}${rawPath}${query}`, {
    method: http.method,
    headers: Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined),
    ...(body === undefined ? {} : { body: isBase64Encoded ? Buffer.from(body, 'base64') : body }),
  })
}

/** Bodies always go out in base64: text that is no UTF-8 would not survive otherwise. */
const resultOf = async (response: Response): Promise<LambdaFunctionURLResult> => {
  const body = Buffer.from(await response.arrayBuffer())
  const isTooLarge = body.length > BODY_BYTES_MAX
  return {
    statusCode: isTooLarge ? 507 : response.status,
    headers: isTooLarge ? {} : Object.fromEntries(response.headers),
    body: isTooLarge ? '' : body.toString('base64'),
    isBase64Encoded: true,
  }
}

export const handler = async (event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> => {
  const { app } = await partyOfInstance()
  return resultOf(await app.fetch(requestOf(event)))
}
