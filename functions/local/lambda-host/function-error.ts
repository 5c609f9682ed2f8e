/** Why an invocation has no response: the handler threw, the instance died, a limit was hit, or there was no room. */

export type FunctionErrorType =
  | 'Handler'
  | 'Runtime.ExitError'
  | 'Sandbox.Timedout'
  | 'Function.ResponseSizeTooLarge'
  | 'RequestTooLarge'
  | 'TooManyRequests'

export class FunctionError extends Error {
  override readonly name = 'FunctionError'
  readonly type: FunctionErrorType
  constructor(type: FunctionErrorType, message: string) {
    super(message)
    this.type = type
  }
}
