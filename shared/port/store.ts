/**
 * Store: small records under text keys, the only durable state a party has. An adapter translates and nothing else.
 *
 * A key is `partition/rest`: the partition spreads load and is always given in full. Keys are digests, random handles and
 * fixed words, never names of people or rows, because operators see them. There is no transaction over several records.
 */

/** The largest value of one record; fits every database we target. */
export const RECORD_BYTES_MAX = 350 * 1024
const KEY_LENGTH_MAX = 512

/** Changes with every write of a key, also after it was deleted; only equality means anything. */
export type RecordVersion = string

export interface StoredRecord {
  readonly value: Uint8Array
  readonly version: RecordVersion
}

export interface Store {
  /** null: there is no such record. Throws Unavailable when the database does not answer. */
  get(key: string): Promise<StoredRecord | null>
  /** null: written, and durable before this returns. Otherwise the record that was there, left as it was. */
  putIfAbsent(key: string, value: Uint8Array): Promise<StoredRecord | null>
  /** The new version, durable before this returns. null: the record has another version or is gone; nothing changed. */
  compareAndSet(key: string, version: RecordVersion, value: Uint8Array): Promise<RecordVersion | null>
  /** All keys that start with the prefix, sorted. The prefix holds a whole partition, that is at least one `/`. */
  list(prefix: string): Promise<string[]>
  /** Deleting what is not there is harmless. */
  delete(key: string): Promise<void>
}

/** Every adapter calls this first, so a limit of one cloud is a limit everywhere. Throws a RangeError: a bug, not input. */
export const checkRecord = (key: string, value?: Uint8Array): void => {
  if (key.length > KEY_LENGTH_MAX || !/^[\w.-]+\/[\w./-]+$/.test(key)) throw new RangeError('bad record key')
  if (value !== undefined && value.length > RECORD_BYTES_MAX)
    throw new RangeError(`a record holds at most ${RECORD_BYTES_MAX} bytes, got ${value.length}`)
}

/** The same for a prefix, which may end right after the partition. */
export const checkPrefix = (prefix: string): void => {
  if (prefix.length > KEY_LENGTH_MAX || !/^[\w.-]+\/[\w./-]*$/.test(prefix))
    throw new RangeError('bad key prefix')
}
