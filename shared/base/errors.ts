/**
 * Four kinds of trouble, four treatments. A broken invariant is a plain `Error` (a bug). Everything a person or a
 * peer can cause is one of the classes below, and none of them ever carries a share, a secret or a row value.
 */

/** Somebody gave us something unusable: says what was wrong, where, and what to do. */
export class InputError extends Error {
  override readonly name = 'InputError'
  /** What would make it right, one sentence. */
  readonly hint: string | undefined
  /** Where: a file and row, a position in the SQL text, the name of an argument. */
  readonly where: string | undefined
  constructor(message: string, options: { hint?: string; where?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.hint = options.hint
    this.where = options.where
  }
}

/** A party (or a client) declines to act: names the rule, and what would make it pass. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** Stable machine-readable name of the rule, kebab-case, such as `approval-expired`. */
  readonly rule: string
  readonly hint: string | undefined
  constructor(rule: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.rule = rule
    this.hint = options.hint
  }
}

/** A run stops without revealing anything: names the check that failed and where. */
export class Abort extends Error {
  override readonly name = 'Abort'
  /** Stable machine-readable name of the check, kebab-case, such as `share-copies-differ`. */
  readonly check: string
  /** Address of the step in the computation, or of the frame; never data. */
  readonly where: string | undefined
  constructor(check: string, message: string, options: { where?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.check = check
    this.where = options.where
  }
}

/** The world did not answer in time or at all; trying again may help. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
  }
}
