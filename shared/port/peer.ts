/** Peer: the way to the two other parties. Bounded in time; what is posted may arrive twice or late, never altered unseen. */
import type { PartyIndex } from '../sharing/shared.ts'

export type PeerPath = '/v1/documents' | '/v1/frames'

export interface Peer {
  /**
   * Resolves when the other party has taken the body. Repeats with growing pauses while the other party does not answer
   * or says that it is busy, until `deadlineMs` from now; then throws Unavailable. Throws Refusal('peer-refused') when
   * the other party declines: repeating the same bytes would not help. `cancelled` ends the repeating early.
   */
  post(
    to: PartyIndex,
    path: PeerPath,
    body: Uint8Array,
    options: { readonly deadlineMs: number; readonly cancelled?: () => boolean },
  ): Promise<void>
  /**
   * What the other party shows to a reader with this token; one try. Throws Unavailable when it does not answer in time,
   * Refusal('peer-refused') when it declines.
   */
  read(
    to: PartyIndex,
    path: string,
    options: { readonly bearer: string; readonly deadlineMs: number },
  ): Promise<Uint8Array>
}
