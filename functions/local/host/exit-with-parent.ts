/** Ends this process when its parent does: the parent holds the other end of our stdin, and a broken pipe is never missed. */

export const exitWithParent = (exit: () => void): void => {
  process.stdin.once('close', exit)
  process.stdin.on('error', () => {})
  process.stdin.resume()
}
