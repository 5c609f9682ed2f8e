/**
 * Which rows an aggregate is about: where its expression is not NULL, and where it contributes. A row does not
 * contribute when its value is NULL, or when the query's text makes it 0: the literal 0, a CASE branch that is 0, or a
 * product with one of these. Constants that are added do not hide that (CASE … ELSE 0 END + 1).
 *
 * The number of contributors has to reach the minimum group size of its own, else SUM(CASE WHEN one_person THEN x ELSE 0
 * END) would show one value in a large group.
 */
import { constant, type Expression, showPredicate } from './expression.ts'
import type { Indicator, IndicatorAtom } from './plan.ts'

export const ALWAYS: Indicator = { kind: 'all', of: [] }
export const NEVER: Indicator = { kind: 'never' }

export const isAlways = (of: Indicator): boolean => of.kind === 'all' && of.of.length === 0

/** Equal texts mean equal indicators. */
export const showIndicator = (of: Indicator): string =>
  of.kind === 'never' ? 'never' : of.of.length === 0 ? 'always' : of.of.map(showAtom).sort().join(' AND ')

const showAtom = (of: IndicatorAtom): string => {
  switch (of.kind) {
    case 'not-null':
      return `${of.column} IS NOT NULL`
    case 'case':
      return `(CASE ${of.branches.map(branch => `WHEN ${showPredicate(branch.when)} THEN ${showIndicator(branch.value)}`).join(' ')} ELSE ${showIndicator(of.otherwise)} END)`
    case 'either':
      return `(${showIndicator(of.left)} OR ${showIndicator(of.right)})`
  }
}

const sameIndicator = (a: Indicator, b: Indicator): boolean => showIndicator(a) === showIndicator(b)

const both = (a: Indicator, b: Indicator): Indicator => {
  if (a.kind === 'never' || b.kind === 'never') return NEVER
  const atoms = new Map([...a.of, ...b.of].map(atom => [showAtom(atom), atom]))
  return { kind: 'all', of: [...atoms.values()] }
}

const either = (a: Indicator, b: Indicator): Indicator => {
  if (a.kind === 'never' || sameIndicator(a, b) || isAlways(b)) return b
  if (b.kind === 'never' || isAlways(a)) return a
  return { kind: 'all', of: [{ kind: 'either', left: a, right: b }] }
}

const caseOf = (
  of: Extract<Expression, { kind: 'case' }>,
  each: (value: Expression) => Indicator,
): Indicator => {
  const branches = of.branches.map(branch => ({ when: branch.when, value: each(branch.value) }))
  const otherwise = each(of.otherwise)
  const all = [...branches.map(branch => branch.value), otherwise]
  if (all.every(value => sameIndicator(value, otherwise))) return otherwise
  return { kind: 'all', of: [{ kind: 'case', branches, otherwise }] }
}

/** Where an expression is not NULL. */
export const notNullOf = (of: Expression, nullable: (column: string) => boolean): Indicator => {
  const inner = (child: Expression): Indicator => notNullOf(child, nullable)
  switch (of.kind) {
    case 'column':
      return nullable(of.column) ? { kind: 'all', of: [{ kind: 'not-null', column: of.column }] } : ALWAYS
    case 'null':
      return NEVER
    case 'negate':
      return inner(of.of)
    case 'add':
    case 'subtract':
    case 'multiply':
      return both(inner(of.left), inner(of.right))
    case 'case':
      return caseOf(of, inner)
    default:
      return ALWAYS
  }
}

/** Unknown where NULL, and so not. */
const isNotZero = (of: Extract<Expression, { kind: 'column' }>): Indicator => ({
  kind: 'all',
  of: [
    {
      kind: 'case',
      branches: [
        {
          when: { kind: 'compare', comparison: '<>', left: of, right: constant(0n, of.scale) },
          value: ALWAYS,
        },
      ],
      otherwise: NEVER,
    },
  ],
})

/**
 * Where an expression contributes to a sum; implies that it is not NULL. `byZero`: columns whose zeros say that a row does
 * not count (`zeros.ts`).
 */
export const contributesOf = (
  of: Expression,
  nullable: (column: string) => boolean,
  byZero: (column: string) => boolean,
): Indicator => {
  const inner = (child: Expression): Indicator => contributesOf(child, nullable, byZero)
  switch (of.kind) {
    case 'column':
      return byZero(of.column) ? isNotZero(of) : notNullOf(of, nullable)
    case 'constant':
      return BigInt(of.value) === 0n ? NEVER : ALWAYS
    case 'negate':
      return inner(of.of)
    case 'multiply':
      return both(inner(of.left), inner(of.right))
    case 'add':
    case 'subtract': {
      const here = notNullOf(of, nullable)
      if (of.left.kind === 'constant') return both(here, inner(of.right))
      if (of.right.kind === 'constant') return both(here, inner(of.left))
      return both(here, either(inner(of.left), inner(of.right)))
    }
    case 'case':
      return caseOf(of, inner)
    default:
      return notNullOf(of, nullable)
  }
}

/** Whether the value that is computed for an expression is 0 wherever it is NULL, without masking it. */
export const isZeroWhereNull = (of: Expression, nullable: (column: string) => boolean): boolean => {
  const inner = (child: Expression): boolean => isZeroWhereNull(child, nullable)
  switch (of.kind) {
    case 'negate':
      return inner(of.of)
    case 'multiply':
      return inner(of.left) && inner(of.right)
    case 'add':
    case 'subtract':
      return (
        inner(of.left) &&
        inner(of.right) &&
        sameIndicator(notNullOf(of.left, nullable), notNullOf(of.right, nullable))
      )
    case 'case':
      return [...of.branches.map(branch => branch.value), of.otherwise].every(inner)
    default:
      return true
  }
}
