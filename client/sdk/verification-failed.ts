/**
 * What we were given does not hold when we check it by ourselves: copies of a result share that differ, offers that
 * disagree, a log whose chain is broken. Distinct from a run that the parties aborted: here the parties said yes.
 */
export class VerificationFailed extends Error {
  override readonly name = 'VerificationFailed'
  /** Stable machine-readable name of the check, kebab-case. */
  readonly check: string
  readonly hint: string | undefined
  constructor(check: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.check = check
    this.hint = options.hint
  }
}
