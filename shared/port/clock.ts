/** Clock: the time and waiting, passed in so that deadlines can be tested without waiting. */

export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Resolves after `ms`. A pending sleep does not keep the process alive. */
  sleep(ms: number): Promise<void>
}
