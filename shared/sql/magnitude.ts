/**
 * What a SUM adds up, as the terms that must not be dominated. A dominance rule over SUM(pay + 1000000) would say nothing
 * about pay: the constant makes all owners alike, and COUNT takes it away again. So the argument is written as a sum of
 * products of columns, and the rule holds for the total of each of them:
 *
 *     (a + 5) b - 3 c   →   a b,  b,  c
 *     CASE WHEN x THEN a ELSE 1000 END   →   CASE WHEN x THEN a ELSE 0 END
 */
import { Refusal } from '../base/errors.ts'
import { constant, type Expression, show } from './expression.ts'
import type { Query, Source } from './query.ts'

/** Nothing but constants: the factor 1 of a product. */
const ONE = null
type Term = Expression | typeof ONE

const product = (a: Term, b: Term): Term =>
  a === ONE ? b : b === ONE ? a : { kind: 'multiply', left: a, right: b }

const madeInside = (name: string): Refusal =>
  new Refusal(
    'policy-dominance',
    `Owners demand a dominance rule, and what ${name} adds up is computed in an inner query.`,
    { hint: 'Add up columns of the tables, and compute in the outermost query.' },
  )

/** Whether the values of a source's column are those of a column of a table. */
const isBase = (source: Source, name: string): boolean => {
  const found = source.columns.find(({ column }) => column.name === name)
  if (found === undefined) return false
  switch (source.kind) {
    case 'table':
      return true
    case 'derived': {
      const { query } = source
      const item = query.items.find(one => one.name === found.inside)
      if (item?.kind === 'key') return isBase(query.from, query.keys[item.key]?.name ?? '')
      return item?.kind === 'value' && item.of.kind === 'column' && isBase(query.from, item.of.column)
    }
    case 'union':
      return false
    case 'filter':
      return isBase(source.input, name)
    case 'join':
      return isBase(source.left, name) || isBase(source.right, name)
  }
}

/** The terms of a SUM in this block, each once; none where only constants are added. Throws Refusal('policy-dominance'). */
export const termsOf = (query: Query, of: Expression): readonly Expression[] => {
  const terms = (part: Expression): readonly Term[] => {
    switch (part.kind) {
      case 'constant':
      case 'null':
        return [ONE]
      case 'column': {
        const computed = query.computed.find(({ column }) => column.name === part.column)
        if (computed !== undefined) return terms(computed.of)
        if (!isBase(query.from, part.column)) throw madeInside(`SUM(${show(of)})`)
        return [part]
      }
      case 'negate':
        return terms(part.of)
      case 'add':
      case 'subtract':
        return [...terms(part.left), ...terms(part.right)]
      case 'multiply':
        return terms(part.left).flatMap(left => terms(part.right).map(right => product(left, right)))
      case 'case': {
        const values = [...part.branches.map(({ value }) => value), part.otherwise]
        return values.flatMap((value, place) =>
          terms(value).flatMap((term): Term[] => {
            if (term === ONE) return [ONE]
            const only = (at: number): Expression => (at === place ? term : constant(0n))
            const branches = part.branches.map(({ when }, at) => ({ when, value: only(at) }))
            return [{ kind: 'case', branches, otherwise: only(part.branches.length) }]
          }),
        )
      }
      default:
        throw madeInside(`SUM(${show(of)})`)
    }
  }
  const found = terms(of).filter(term => term !== ONE)
  return [...new Map(found.map(term => [show(term), term])).values()]
}
