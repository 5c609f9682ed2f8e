/**
 * Mailbox: frames that came for a run, until they are settled. Unordered, at least once; large bodies are the adapter's
 * business. Senders repeat what was not acknowledged, so `deliver` is idempotent by id.
 */

export interface Mail {
  /** Names the message: slot and digest. Two deliveries under one id are one message. */
  readonly id: string
  /** The round that it belongs to; messages are settled by it. */
  readonly round: number
  readonly body: Uint8Array
  /** When it was delivered, in ms, from adapters that keep that; for nothing but measuring. */
  readonly deliveredMs?: number
}

export interface Mailbox {
  /** Durable before it returns. A repeated id changes nothing. Throws Unavailable: not taken, send again. */
  deliver(run: string, mail: Mail): Promise<void>
  /** A reader that sees every unsettled message of the run, those that an earlier reader has seen as well. */
  open(run: string): Inbox
  /**
   * Forgets the messages of all rounds before `round`, or of the whole run when it is left out; nobody needs them any
   * more. What comes later is forgotten at the next settle. An adapter may forget late, never early.
   */
  settle(run: string, round?: number): Promise<void>
}

export interface Inbox {
  /**
   * At least one message not yet returned by this inbox, or an empty list after `waitMs` or a wake. Throws Unavailable.
   * A message held by a reader that died may take the adapter's visibility time-out to come back.
   */
  receive(waitMs: number): Promise<readonly Mail[]>
  /** Lets a `receive` of this inbox that waits return early with nothing. */
  wake(): void
  /** Hands what was received and not settled back, for the next reader to see at once. */
  close(): Promise<void>
}
