/** A value of any size in records of bounded size: pieces first, then the head that says how many there are. */
import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts'
import { inParallel } from '../base/in-parallel.ts'
import type { Store } from '../port/store.ts'

const PIECE_BYTES = 256 * 1024
/** Records under way at once: enough to hide a database's latency, few enough to bound memory. */
export const RECORDS_AT_ONCE = 8

/** Idempotent as long as the same key means the same value. */
export const putBlob = async (store: Store, key: string, value: Uint8Array): Promise<void> => {
  const pieces = Math.max(1, Math.ceil(value.length / PIECE_BYTES))
  await inParallel(
    Array.from(
      { length: pieces - 1 },
      (_, i) => () =>
        store.putIfAbsent(`${key}/${i + 1}`, value.subarray((i + 1) * PIECE_BYTES, (i + 2) * PIECE_BYTES)),
    ),
    RECORDS_AT_ONCE,
  )
  const head = concatBytes([new Uint8Array(Uint32Array.of(pieces).buffer), value.subarray(0, PIECE_BYTES)])
  await store.putIfAbsent(key, head)
}

/** null: not there, or not completely written. */
export const getBlob = async (store: Store, key: string): Promise<Uint8Array | null> => {
  const head = (await store.get(key))?.value
  if (head === undefined) return null
  const pieces = new DataView(head.buffer, head.byteOffset).getUint32(0, true)
  const rest = await inParallel(
    Array.from({ length: pieces - 1 }, (_, i) => () => store.get(`${key}/${i + 1}`)),
    RECORDS_AT_ONCE,
  )
  const whole = rest.filter(piece => piece !== null)
  return whole.length < rest.length
    ? null
    : concatBytes([head.subarray(4), ...whole.map(({ value }) => value)])
}

export const deleteAll = async (store: Store, keys: readonly string[]): Promise<void> => {
  await inParallel(
    keys.map(key => () => store.delete(key)),
    RECORDS_AT_ONCE,
  )
}

export const putJson = (value: unknown): Uint8Array => utf8(JSON.stringify(value))
export const getJson = <T>(bytes: Uint8Array): T => JSON.parse(fromUtf8(bytes)) as T
