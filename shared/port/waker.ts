/**
 * Waker: asks for a worker. A front takes documents and frames and answers; whatever follows from them is done by a
 * worker, perhaps another process on another machine, which is called with the subject of the wake.
 */

export interface Waker {
  /**
   * Some worker is called with `subject` at least once, soon. Durable before it returns where the host has a queue; a
   * wake that is lost all the same is made good by the timer, which wakes everything that is open. Throws Unavailable.
   * `subject` is the digest of a request, or `chores` for what belongs to no request.
   */
  wake(subject: string): Promise<void>
}

export const CHORES = 'chores'
