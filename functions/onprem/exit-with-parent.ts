/** A process that must not outlive the one that started it, which holds the other end of its stdin. */

/** Calls `exit` when the pipe breaks, however the parent ended: also SIGKILL closes it. */
export const exitWithParent = (exit: () => void): void => {
  process.stdin.once('close', exit)
  process.stdin.on('error', () => {})
  process.stdin.resume()
}
