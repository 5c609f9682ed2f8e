/**
 * Mailbox: frames that came for a run, until the run is settled. Unordered, at least once; large bodies are the
 * adapter's business. Senders repeat what was not acknowledged, so `deliver` is idempotent by id.
 */

export interface Mail {
  /** Names the message: slot and digest. Two deliveries under one id are one message. */
  readonly id: string
  readonly body: Uint8Array
}

export interface Mailbox {
  /** Durable before it returns. A repeated id changes nothing. Throws Unavailable: not taken, send again. */
  deliver(run: string, mail: Mail): Promise<void>
  /** A reader that sees every unsettled message of the run from the start: a restarted run reads everything again. */
  open(run: string): Inbox
  /** Forgets all messages of the run; what comes later is a new message to nobody and is forgotten at the next settle. */
  settle(run: string): Promise<void>
  /** Lets an inbox that waits return early with nothing, for instance because an abort arrived. */
  wake(run: string): void
}

export interface Inbox {
  /** At least one message not yet returned by this inbox, or an empty list after `waitMs` or a wake. */
  receive(waitMs: number): Promise<readonly Mail[]>
  close(): void
}
