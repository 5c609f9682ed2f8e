/** What a cloud's queues must do to serve as lanes, see `lane-mailbox.ts`. */

export interface LaneMessage {
  readonly body: Uint8Array
  /** What deletes or releases this delivery of the message. */
  readonly receipt: string
}

/** The queues of one cloud, by number. All throw Unavailable. */
export interface LaneQueue {
  /** The largest message, in bytes before any encoding. */
  readonly bodyBytesMax: number
  /** Durable before it returns. */
  send(lane: number, body: Uint8Array): Promise<void>
  /**
   * What there is, up to the batch of the cloud, or nothing after about `waitMs`; hidden from other readers for
   * `visibilityMs`. `cancelled`: return soon, but lose nothing; what was taken is returned.
   */
  receive(
    lane: number,
    waitMs: number,
    visibilityMs: number,
    cancelled: AbortSignal,
  ): Promise<readonly LaneMessage[]>
  /** A receipt that is too old is no error: the message has come back, or is gone. */
  delete(lane: number, receipts: readonly string[]): Promise<void>
  /** Visible to others at once. The same for receipts that are too old. */
  release(lane: number, receipts: readonly string[]): Promise<void>
}
