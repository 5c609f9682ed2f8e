/**
 * CASE whose conditions are decided: a branch that is never taken goes, and what stands behind one that is always taken.
 * Runs after `fold-constant-comparison`, which decides them. What is left has as many decimals as before: a value keeps
 * its type.
 */
import { type Expression, scaleOf, typeOf } from '../expression.ts'
import { type Rule, rewriteQuery } from './rule.ts'

type Branch = Extract<Expression, { kind: 'case' }>['branches'][number]

const isDecided = ({ when }: Branch, value: boolean): boolean =>
  when.kind === 'literal' && (when.value === true) === value

const fold = (of: Expression): Expression => {
  if (of.kind !== 'case') return of
  const possible = of.branches.filter(branch => !isDecided(branch, false))
  const always = possible.findIndex(branch => isDecided(branch, true))
  const branches = always < 0 ? possible : possible.slice(0, always)
  const otherwise = always < 0 ? of.otherwise : (possible[always] as Branch).value
  const folded: Expression = branches.length === 0 ? otherwise : { kind: 'case', branches, otherwise }
  return scaleOf(folded) === scaleOf(of) && typeOf(folded) === typeOf(of) ? folded : of
}

export const foldDecidedCase: Rule = {
  name: 'fold-decided-case',
  apply: query => rewriteQuery(query, { expression: fold }),
}
