/**
 * Place: where a party is, as its environment and the services that keep its data say it, passed in so that a party can
 * hold that against the manifest.
 */

export interface Location {
  /** What is there, in words that name no resource: `functions`, `durable table`, `queues`, `secret`. */
  readonly what: string
  /** The provider's name of its region; for what cannot be told, words that are no region. */
  readonly region: string
}

export interface Place {
  /**
   * Asks the environment and the services now. The program itself comes first; a service that cannot say is left out
   * only where it is an emulator on this machine. Throws Unavailable.
   */
  locate(): Promise<readonly Location[]>
}
