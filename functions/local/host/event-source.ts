/** Something that invokes functions until it is stopped. */

export interface EventSource {
  /** Nothing new is started, and what is under way is over when this resolves. */
  stop(): Promise<void>
}
