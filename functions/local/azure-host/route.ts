/** Routes of HTTP triggers: `v1/chunks/{version}/{piece:int}`, `{name?}`, `{*rest}`. Upper and lower case are the same. */
import { InputError } from '../../../shared/base/errors.ts'

export interface Route {
  /** The values of the placeholders; undefined: not this route. `path` has neither prefix nor leading slash. */
  match(path: string): Record<string, string> | undefined
  /** Greater for routes that say more; they are tried first. */
  readonly precedence: number
}

const PLACEHOLDER = /^\{(\*{0,2})(\w+)(?::(\w+))?(\??)\}$/
const CONSTRAINTS: Record<string, string> = {
  alpha: '[a-z]+',
  bool: 'true|false',
  guid: '[0-9a-f-]{36}',
  int: '-?\\d+',
}

export const compileRoute = (template: string): Route => {
  const names: string[] = []
  let precedence = 0
  const pattern = template
    .split('/')
    .filter(segment => segment !== '')
    .map(segment => {
      if (!segment.includes('{')) {
        precedence += 4
        return `/${segment.replace(/\W/g, '\\$&')}`
      }
      const [matched, stars, name = '', constraint, optional] = PLACEHOLDER.exec(segment) ?? []
      const values = constraint === undefined ? '[^/]+' : CONSTRAINTS[constraint]
      if (matched === undefined || values === undefined)
        throw new InputError(`the local host does not know the route segment ${segment}`, { where: template })
      names.push(name)
      if (stars !== '') return '(?:/(.*))?'
      precedence += constraint === undefined ? 2 : 3
      return optional === '' ? `/(${values})` : `(?:/(${values}))?`
    })
    .join('')
  const expression = new RegExp(`^${pattern}/?$`, 'i')
  return {
    precedence,
    match: path => {
      const [matched, ...values] = expression.exec(`/${path}`) ?? []
      if (matched === undefined) return undefined
      return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]))
    },
  }
}
