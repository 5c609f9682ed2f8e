/** What a verb has to say when it succeeds, in both forms: text for people, one JSON object for programs. */
import type { Json } from '../../shared/base/canonical.ts'

export interface Outcome {
  readonly text: string
  readonly json: { readonly [key: string]: Json | undefined }
  /** Bytes for stdout in place of the text, such as a CSV table; ignored with --json. */
  readonly raw?: string
}

/** The command line itself is wrong: a missing option, two that exclude each other. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly hint: string | undefined
  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}
