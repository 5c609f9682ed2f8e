/** Formulas over revealed totals: exact until one rounding, NULL where there is no answer, roots correctly rounded. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { constant, type Expression, literal, scaleOf } from '../../shared/sql/expression.ts'
import { evaluateFormula, type LeafValue, truthOf } from '../../shared/sql/formula.ts'
import { integerRoot } from '../../shared/sql/rational.ts'

const none: LeafValue = () => undefined
const column = (name: string, scale = 0): Expression => ({
  kind: 'column',
  column: name,
  type: 'number',
  scale,
})
const binary = (
  kind: 'add' | 'subtract' | 'multiply' | 'divide',
  left: Expression,
  right: Expression,
): Expression => ({
  kind,
  left,
  right,
})
const sqrt = (of: Expression): Expression => ({ kind: 'sqrt', of })
const sumOf = (of: Expression): Expression => ({ kind: 'sum', of })

test('a quotient has six more decimals and is rounded half away from zero', () => {
  const quotient = (a: bigint, b: bigint, scale = 0) =>
    evaluateFormula(binary('divide', constant(a, scale), constant(b)), none)
  expect(quotient(2n, 3n)).toEqual({ value: 666_667n, scale: 6 })
  expect(quotient(-2n, 3n)).toEqual({ value: -666_667n, scale: 6 })
  expect(quotient(1n, 2_000_000n)).toEqual({ value: 1n, scale: 6 })
  expect(quotient(-1n, 2_000_000n)).toEqual({ value: -1n, scale: 6 })
  expect(quotient(1n, 2_000_001n)).toEqual({ value: 0n, scale: 6 })
  expect(quotient(125n, -8n, 2)).toEqual({ value: -15_625_000n, scale: 8 })
  expect(quotient(0n, 0n).value).toBeNull()
  expect(quotient(5n, 0n).value).toBeNull()
})

test('nothing is rounded on the way: a third times three is one', () => {
  const third = binary('divide', constant(1n), constant(3n))
  const sum = binary('add', binary('add', third, third), third)
  expect(evaluateFormula(binary('multiply', third, constant(3n)), none).value).toBe(1_000_000n)
  expect(evaluateFormula(sum, none).value).toBe(1_000_000n)
  expect(evaluateFormula(binary('subtract', sum, constant(1n)), none).value).toBe(0n)
})

test('leaves are known by their text, at the scale of what they stand for', () => {
  const pay = column('pay', 2)
  const leaves = new Map<string, bigint | null>([
    ['SUM(pay)', 1250n],
    ['COUNT(pay)', 8n],
    ['grade', null],
  ])
  const leaf: LeafValue = text => leaves.get(text)
  expect(evaluateFormula(binary('multiply', sumOf(pay), constant(15n, 1)), leaf)).toEqual({
    value: 18_750n,
    scale: 3,
  })
  expect(evaluateFormula(binary('divide', sumOf(pay), { kind: 'count', of: pay }), leaf).value).toBe(
    156_250_000n,
  )
  // An average is the quotient of its two totals.
  expect(evaluateFormula(binary('divide', { kind: 'avg', of: pay }, constant(2n)), leaf).value).toBe(
    78_125_000n,
  )
  expect(evaluateFormula(binary('add', column('grade'), constant(1n)), leaf).value).toBeNull()
  expect(() => evaluateFormula(column('other'), leaf)).toThrow('has no value: other')
})

test('CASE takes the first branch that is true, and unknown is not true', () => {
  const leaf: LeafValue = text => ({ a: 0n, b: null })[text]
  const choose = (when: Expression): Expression => ({
    kind: 'case',
    branches: [
      { when: { kind: 'compare', comparison: '>', left: when, right: constant(0n) }, value: constant(1n) },
      { when: literal(null), value: constant(2n) },
      { when: { kind: 'is-null', of: when, negated: false }, value: constant(35n, 1) },
    ],
    // Never computed where it is not taken.
    otherwise: binary('divide', constant(1n), column('a')),
  })
  expect(evaluateFormula(choose(column('b')), leaf)).toEqual({ value: 3_500_000n, scale: 6 })
  expect(evaluateFormula(choose(column('a')), leaf).value).toBeNull()
  expect(truthOf({ kind: 'and', of: [literal(null), literal(false)] }, leaf)).toBe(false)
  expect(truthOf({ kind: 'or', of: [literal(null), literal(false)] }, leaf)).toBeNull()
  expect(
    truthOf({ kind: 'in', of: constant(1n), list: [constant(2n), { kind: 'null' }], negated: true }, leaf),
  ).toBeNull()
})

test('a root is the nearest number of six decimals, or of more where its operand has more', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 30n), fc.integer({ min: 0, max: 12 }), (value, scale) => {
      const root = evaluateFormula(sqrt(constant(value, scale)), none)
      expect(root.scale).toBe(Math.max(scale, 6))
      // (2 root - 1)² <= 4 value <= (2 root + 1)², all at the same number of decimals.
      const exact = 4n * value * 10n ** BigInt(2 * root.scale - scale)
      const shown = root.value as bigint
      expect((2n * shown + 1n) ** 2n > exact).toBe(true)
      expect(shown === 0n || (2n * shown - 1n) ** 2n <= exact).toBe(true)
    }),
  )
})

test('the root of a square is exact, of a negative number NULL', () => {
  expect(evaluateFormula(sqrt(constant(225n, 2)), none)).toEqual({ value: 1_500_000n, scale: 6 })
  expect(evaluateFormula(sqrt(binary('divide', constant(4n), constant(9n))), none).value).toBe(666_667n)
  // √(1/4) as an operand is exactly one half, and half of the last decimal goes up.
  const tiny = binary('multiply', sqrt(constant(25n, 2)), constant(1n, 6))
  expect(scaleOf(tiny)).toBe(12)
  expect(evaluateFormula(tiny, none).value).toBe(500_000n)
  expect(evaluateFormula(sqrt(constant(-1n)), none).value).toBeNull()
})

test('a correlation of points on a line is one, to the last digit', () => {
  const leaves: Readonly<Record<string, bigint>> = { n: 5n, x: 15n, y: 35n, xx: 55n, yy: 285n, xy: 125n }
  const [n, x, y, xx, yy, xy] = ['n', 'x', 'y', 'xx', 'yy', 'xy'].map(name => column(name)) as [
    Expression,
    Expression,
    Expression,
    Expression,
    Expression,
    Expression,
  ]
  const spread = (square: Expression, sum: Expression): Expression =>
    binary('subtract', binary('multiply', n, square), binary('multiply', sum, sum))
  const correlation = binary(
    'divide',
    binary('subtract', binary('multiply', n, xy), binary('multiply', x, y)),
    binary('multiply', sqrt(spread(xx, x)), sqrt(spread(yy, y))),
  )
  // √50 √200 = 100 = 5·125 - 15·35: with roots cut off after six decimals it would not be 1 exactly.
  const { value, scale } = evaluateFormula(correlation, text => leaves[text])
  expect(value).toBe(10n ** BigInt(scale))
})

test('integer roots', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 60n), value => {
      const root = integerRoot(value)
      expect(root * root <= value && (root + 1n) ** 2n > value).toBe(true)
    }),
  )
  expect([0n, 1n, 2n, 3n, 4n, 8n, 9n].map(integerRoot)).toEqual([0n, 1n, 1n, 1n, 2n, 2n, 3n])
})
