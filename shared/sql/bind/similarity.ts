/** SIMILARITY(a, b) >= 0.8: bigrams of two columns, or of a column and a text, against a threshold written out. */
import type { A_Expr, Node } from 'libpg-query'
import { type Expression, type Predicate, typeOf } from '../expression.ts'
import { parseNumber } from '../literal.ts'
import type { Binder, Place } from './binder.ts'
import { functionName, get, nameOf } from './syntax.ts'

const FORM = 'Write SIMILARITY(a, b) >= 0.8, or < for those that are not similar.'
const DECIMALS = 2

export const isSimilarity = (of: A_Expr): boolean =>
  [of.lexpr, of.rexpr].some(side => {
    const call = get(side, 'FuncCall')
    return call !== undefined && functionName(call) === 'similarity'
  })

export const bindSimilarity = (binder: Binder, of: A_Expr, place: Place): Predicate => {
  const node = of.lexpr as Node
  const call = get(node, 'FuncCall')
  const operator = nameOf(of.name).at(-1)
  if (call === undefined || functionName(call) !== 'similarity' || (operator !== '>=' && operator !== '<'))
    return binder.fail('SIMILARITY is compared with a threshold.', of.location ?? node, FORM)
  const [first, second, another] = call.args ?? []
  if (first === undefined || second === undefined || another !== undefined)
    return binder.fail('SIMILARITY takes two arguments.', node, FORM)
  const left = binder.expression(first, place)
  const right = binder.expression(second, place, left)
  if (left.kind !== 'column' || left.type !== 'grams' || !isGrams(right))
    return binder.fail(
      'SIMILARITY takes a bigram column, and another one or a text.',
      node,
      'Declare the column with kind "grams" in the schema.',
    )
  if (right.kind === 'column') {
    const types = [left, right].map(({ column }) => JSON.stringify(binder.columns.get(column)?.type))
    if (types[0] !== types[1])
      binder.unsupported(
        'Comparing bigrams that are folded or keyed differently',
        node,
        'Owners agree on key and folds in their schemas.',
      )
  }
  return {
    kind: 'similar',
    left,
    right,
    hundredths: thresholdOf(binder, of.rexpr as Node),
    negated: operator === '<',
  }
}

const isGrams = (of: Expression): of is Extract<Predicate, { kind: 'similar' }>['right'] =>
  (of.kind === 'column' || of.kind === 'constant') && typeOf(of) === 'grams'

const thresholdOf = (binder: Binder, node: Node): number => {
  const value = get(node, 'A_Const')
  const number = parseNumber(value?.fval?.fval ?? String(value?.ival?.ival ?? 'none'))
  const isShort = number !== undefined && number.scale <= DECIMALS
  const hundredths = isShort ? Number(number.value) * 10 ** (DECIMALS - number.scale) : 0
  if (hundredths < 1 || hundredths > 100)
    return binder.fail(
      'A threshold is a number from 0.01 to 1 with at most two decimals, written out.',
      node,
      FORM,
    )
  return hundredths
}
