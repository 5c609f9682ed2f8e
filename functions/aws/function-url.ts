/** A Function URL speaks in events of payload format 2.0; the party's front takes requests and gives responses. */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'

/** What a response may have before base64, with some room for its headers. Lambda would answer 502 and no reason. */
const BODY_BYTES_MAX = ((6 * 1024 * 1024) / 4) * 3 - 64 * 1024

export const requestOf = ({
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

/** Bodies always go out in base64: bytes that are no text would not survive otherwise. */
export const resultOf = async (response: Response): Promise<LambdaFunctionURLResult> => {
  const body = Buffer.from(await response.arrayBuffer())
  if (body.length > BODY_BYTES_MAX) return { statusCode: 507 }
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: body.toString('base64'),
    isBase64Encoded: true,
  }
}
