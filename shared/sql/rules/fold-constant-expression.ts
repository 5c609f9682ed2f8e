/** Computes what needs no data: 2 * 3, DATE '2020-01-31' + 30, x + 0, 1 * x, --x. */
import { type Constant, constant, type Expression, scaleOf, typeOf } from '../expression.ts'
import { type Rule, rewriteQuery } from './rule.ts'

const scaled = (of: Constant, scale: number): bigint => BigInt(of.value) * 10n ** BigInt(scale - of.scale)

const isNumber = (of: Expression, value: bigint): boolean =>
  of.kind === 'constant' && of.type === 'number' && scaled(of, of.scale) === value * 10n ** BigInt(of.scale)

const foldBoth = (kind: 'add' | 'subtract' | 'multiply', left: Constant, right: Constant): Constant => {
  const type = typeOf({ kind, left, right }) ?? 'number'
  if (kind === 'multiply')
    return constant(BigInt(left.value) * BigInt(right.value), left.scale + right.scale, type)
  const scale = Math.max(left.scale, right.scale)
  const [a, b] = [scaled(left, scale), scaled(right, scale)]
  return constant(kind === 'add' ? a + b : a - b, scale, type)
}

const fold = (of: Expression): Expression => {
  if (of.kind === 'negate') {
    if (of.of.kind === 'constant') return constant(-BigInt(of.of.value), of.of.scale)
    return of.of.kind === 'negate' ? of.of.of : of.of.kind === 'null' ? of.of : of
  }
  if (of.kind !== 'add' && of.kind !== 'subtract' && of.kind !== 'multiply') return of
  const { kind, left, right } = of
  if (left.kind === 'null' || right.kind === 'null') return { kind: 'null' }
  if (left.kind === 'constant' && right.kind === 'constant') return foldBoth(kind, left, right)
  if (kind === 'multiply') {
    if (isNumber(left, 1n) && scaleOf(left) === 0) return right
    if (isNumber(right, 1n) && scaleOf(right) === 0) return left
    return of
  }
  if (isNumber(right, 0n) && scaleOf(right) <= scaleOf(left)) return left
  if (kind === 'add' && isNumber(left, 0n) && scaleOf(left) <= scaleOf(right)) return right
  return of
}

export const foldConstantExpression: Rule = {
  name: 'fold-constant-expression',
  apply: query => rewriteQuery(query, { expression: fold }),
}
