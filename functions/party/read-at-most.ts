/** Bodies from outside, read with a bound: what is announced or comes beyond it is never kept. */

/**
 * All bytes of a body, or undefined when it has more than `max`; then the rest is not read. One buffer grows with what
 * came, so a body sent a byte at a time costs no more memory than one sent at once.
 */
export const readAtMost = async (
  body: ReadableStream<Uint8Array> | null | undefined,
  max: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  if (body === null || body === undefined) return new Uint8Array()
  const reader = body.getReader()
  let buffer = new Uint8Array(Math.min(max, 1 << 16))
  let length = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const end = length + next.value.length
    if (end > max) {
      await reader.cancel()
      return undefined
    }
    if (end > buffer.length) {
      const larger = new Uint8Array(Math.min(max, Math.max(end, 2 * buffer.length)))
      larger.set(buffer.subarray(0, length))
      buffer = larger
    }
    buffer.set(next.value, length)
    length = end
  }
  return buffer.subarray(0, length)
}
