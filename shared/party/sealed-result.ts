/**
 * The sealed result of a run at one party, kept once. Sealing is randomised, so whoever executes the run again seals
 * other bytes; the first sealed result stays, and it is the one that the signed `done` document names.
 */
import { fromUtf8, toBase64url, utf8 } from '../base/bytes.ts'
import type { Store } from '../port/store.ts'
import { getBlob, putBlob } from './blob.ts'
import type { World } from './world.ts'

const keyOf = (request: string): string => `result/${request}`
/** Two sealed results of several records each must not mix, so the records are named by content. */
const bodyKey = (digest: string): string => `result-body-${digest}/sealed`

/** null: there is none yet. */
export const sealedResultOf = async (store: Store, request: string): Promise<Uint8Array | null> => {
  const record = await store.get(keyOf(request))
  return record === null ? null : getBlob(store, bodyKey(fromUtf8(record.value)))
}

/** The sealed result of the request: this one, or the one that was there before. */
export const keepSealedResult = async (
  { durable, crypto }: World,
  request: string,
  sealed: Uint8Array,
): Promise<Uint8Array> => {
  const digest = toBase64url(crypto.sha256([sealed]))
  await putBlob(durable, bodyKey(digest), sealed)
  const before = await durable.putIfAbsent(keyOf(request), utf8(digest))
  return before === null ? sealed : ((await getBlob(durable, bodyKey(fromUtf8(before.value)))) as Uint8Array)
}
