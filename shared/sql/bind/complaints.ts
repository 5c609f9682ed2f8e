/** How binding says no: InputError with the place in the text, and a hint. */
import { InputError } from '../../base/errors.ts'
import { type ParsedQuery, SUPPORTED } from '../parse.ts'
import { type At, locate } from './syntax.ts'

export interface Complaints {
  readonly fail: (message: string, at: At, hint?: string) => never
  /** For SQL that has a meaning, but not here. */
  readonly unsupported: (construct: string, at: At, hint?: string) => never
}

export const complaintsAbout = (parsed: ParsedQuery): Complaints => {
  const fail: Complaints['fail'] = (message, at, hint = SUPPORTED) => {
    const location = typeof at === 'number' ? at : locate(at)
    throw new InputError(message, { hint, ...(location !== undefined && { where: parsed.where(location) }) })
  }
  return { fail, unsupported: (construct, at, hint) => fail(`${construct} is not supported.`, at, hint) }
}
