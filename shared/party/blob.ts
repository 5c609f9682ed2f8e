/** A value of any size in records of bounded size: pieces first, then the head that says how many there are. */
import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts'
import type { Store } from '../port/store.ts'

const PIECE_BYTES = 256 * 1024

/** Idempotent as long as the same key means the same value. */
export const putBlob = async (store: Store, key: string, value: Uint8Array): Promise<void> => {
  const pieces = Math.max(1, Math.ceil(value.length / PIECE_BYTES))
  for (let i = 1; i < pieces; i++)
    await store.putIfAbsent(`${key}/${i}`, value.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES))
  const head = concatBytes([new Uint8Array(Uint32Array.of(pieces).buffer), value.subarray(0, PIECE_BYTES)])
  await store.putIfAbsent(key, head)
}

/** null: not there, or not completely written. */
export const getBlob = async (store: Store, key: string): Promise<Uint8Array | null> => {
  const head = (await store.get(key))?.value
  if (head === undefined) return null
  const pieces = new DataView(head.buffer, head.byteOffset).getUint32(0, true)
  const rest: Uint8Array[] = []
  for (let i = 1; i < pieces; i++) {
    const piece = await store.get(`${key}/${i}`)
    if (piece === null) return null
    rest.push(piece.value)
  }
  return concatBytes([head.subarray(4), ...rest])
}

export const putJson = (value: unknown): Uint8Array => utf8(JSON.stringify(value))
export const getJson = <T>(bytes: Uint8Array): T => JSON.parse(fromUtf8(bytes)) as T
