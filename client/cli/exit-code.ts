/** Exit codes, and how an error becomes a text or a JSON object on stderr. */
import { styleText } from 'node:util'
import { Abort, InputError, Refusal, Unavailable } from '../../shared/base/errors.ts'
import { VerificationFailed } from '../sdk/verification-failed.ts'
import { UsageError } from './outcome.ts'
import { harmless, wrap, wrapLines } from './style.ts'

/** The table that the help of every verb prints; scripts may rely on it. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done'],
  [1, 'a bug in trias'],
  [2, 'wrong usage of the command line'],
  [3, 'unusable input: data, SQL, a file, a document'],
  [4, 'refused by a rule, an owner or a party'],
  [5, 'the run was aborted; nothing was revealed'],
  [6, 'a party is unavailable, or a deadline passed'],
  [7, 'verification failed: something received is not what it should be'],
]

interface Trouble {
  readonly code: number
  readonly kind: string
  readonly message: string
  /** The rule or check that failed. */
  readonly rule?: string | undefined
  readonly where?: string | undefined
  readonly hint?: string | undefined
  /** Every single finding, when there are several. */
  readonly details?: readonly string[] | undefined
}

const detailsOf = (error: unknown): readonly string[] | undefined => {
  const details = (error as { details?: unknown }).details
  return Array.isArray(details) ? details.map(String) : undefined
}

/** Sorts an error into the kind that decides the exit code. */
const troubleOf = (error: unknown): Trouble => {
  if (error instanceof UsageError) return { code: 2, kind: 'usage', message: error.message, hint: error.hint }
  if (error instanceof InputError) {
    const { message, where, hint } = error
    return { code: 3, kind: 'input', message, where, hint, details: detailsOf(error) }
  }
  if (error instanceof Refusal) {
    return { code: 4, kind: 'refused', message: error.message, rule: error.rule, hint: error.hint }
  }
  if (error instanceof Abort) {
    return { code: 5, kind: 'aborted', message: error.message, rule: error.check, where: error.where }
  }
  if (error instanceof Unavailable) return { code: 6, kind: 'unavailable', message: error.message }
  if (error instanceof VerificationFailed) {
    const { message, check, hint } = error
    return { code: 7, kind: 'verification-failed', message, rule: check, hint }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 1, kind: 'bug', message, hint: 'This is a bug in trias; set TRIAS_STACK=1 to see where.' }
}

const red = (text: string): string => styleText('red', text, { stream: process.stderr })
const dim = (text: string): string => styleText('dim', text, { stream: process.stderr })

/** Writes the error to stderr and returns the exit code. */
export const reportError = (error: unknown, asJson: boolean): number => {
  const trouble = troubleOf(error)
  if (asJson) {
    process.stderr.write(`${JSON.stringify({ error: trouble })}\n`)
  } else {
    const lines = [`${red('error')} ${trouble.message}`]
    if (trouble.rule !== undefined) lines.push(`${dim('rule ')} ${trouble.rule}`)
    if (trouble.where !== undefined) lines.push(`${dim('where')} ${trouble.where}`)
    for (const detail of trouble.details ?? []) lines.push(wrapLines(`      ${detail}`))
    if (trouble.hint !== undefined) lines.push(`${dim('hint ')} ${wrap(trouble.hint, 93, '      ')}`)
    process.stderr.write(`${harmless(lines.join('\n'))}\n`)
  }
  if (process.env.TRIAS_STACK !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack}\n`)
  return trouble.code
}
