/** The body of a request, with a bound. */
import type { IncomingMessage } from 'node:http'

/**
 * All bytes, or undefined when there are more than `max`. The rest is read and dropped, so that the sender sees the
 * answer and not a broken connection.
 */
export const readBody = async (request: IncomingMessage, max: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length <= max) chunks.push(chunk)
    else chunks.length = 0
  }
  return length <= max ? Buffer.concat(chunks, length) : undefined
}
