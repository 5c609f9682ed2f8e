/** Constants: a number and a boolean say what they are, a text takes its meaning from what it is compared with. */
import type { A_Const, Node, TypeCast } from 'libpg-query'
import { parseDate } from '../../data/exact.ts'
import { encoderOf } from '../../data/value.ts'
import { didYouMean } from '../close-match.ts'
import { type Constant, constant, type Expression, typeOf } from '../expression.ts'
import { parseNumber } from '../literal.ts'
import type { Binder } from './binder.ts'
import { get, nameOf } from './syntax.ts'

/** A text literal takes its meaning from what it is compared with. */
const bindText = (binder: Binder, text: string, node: Node, context: Expression | undefined): Constant => {
  const type = context === undefined ? undefined : typeOf(context)
  if (type === 'date') return bindDate(binder, text, node)
  if (type === 'category' && context?.kind === 'column') {
    const declared = binder.columns.get(context.column)?.type
    const values = declared?.kind === 'category' ? declared.values : []
    const place = values.indexOf(text)
    if (place < 0)
      binder.fail(`Column "${context.column}" has no value '${text}'.`, node, didYouMean(text, values))
    return constant(BigInt(place), 0, 'category', text)
  }
  if ((type === 'text' || type === 'grams') && context?.kind === 'column') {
    const declared = binder.columns.get(context.column)?.type
    const word = declared && encoderOf(declared)(text)
    if (typeof word === 'bigint') return constant(word, 0, type, text)
    return binder.fail(
      `'${text}' cannot be compared: ${word?.problem ?? 'no such column'}.`,
      node,
      word?.hint,
    )
  }
  if (type === 'boolean')
    return binder.fail(`A text is compared with a boolean.`, node, 'Write TRUE or FALSE.')
  return binder.fail(
    type === 'number' ? 'A text is compared with a number.' : 'A text literal has no meaning here.',
    node,
    type === 'number'
      ? 'Write numbers without quotes.'
      : 'Texts are compared with a text, category or date column.',
  )
}

const bindDate = (binder: Binder, text: string, node: Node): Constant => {
  const days = parseDate(text)
  if (days === undefined) return binder.fail(`'${text}' is not a date.`, node, 'Write dates as YYYY-MM-DD.')
  return constant(days, 0, 'date')
}

export const bindConstant = (
  binder: Binder,
  of: A_Const,
  node: Node,
  context: Expression | undefined,
): Expression => {
  if (of.isnull) return { kind: 'null' }
  if (of.sval !== undefined) return bindText(binder, of.sval.sval ?? '', node, context)
  if (of.boolval !== undefined) return constant(of.boolval.boolval ? 1n : 0n, 0, 'boolean')
  if (of.ival !== undefined) return constant(BigInt(of.ival.ival ?? 0))
  const number = of.fval === undefined ? undefined : parseNumber(of.fval.fval ?? '')
  if (number === undefined)
    return binder.unsupported(of.fval === undefined ? 'A bit string' : `The number ${of.fval.fval}`, node)
  return constant(number.value, number.scale)
}

export const bindCast = (binder: Binder, of: TypeCast, node: Node): Expression => {
  const type = nameOf(of.typeName?.names).at(-1)
  const text = get(of.arg, 'A_Const')?.sval
  if (type === 'date' && text !== undefined && of.typeName?.arrayBounds === undefined)
    return bindDate(binder, text.sval ?? '', node)
  return binder.unsupported(
    `A cast to ${type?.toUpperCase()}`,
    node,
    `The only typed literal is DATE 'YYYY-MM-DD'.`,
  )
}
