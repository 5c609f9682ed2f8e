/** What a rewrite rule is, and the walks that most of them share. */
import type { AggregateCall, Expression, Predicate } from '../expression.ts'
import { isAggregate } from '../expression.ts'
import type { Query } from '../query.ts'

/**
 * A pure function of plans that keeps the meaning of the query. No rule may widen what is disclosed: it never adds an
 * item, drops a condition, or shows an aggregate that the query did not ask for.
 */
export interface Rule {
  readonly name: string
  apply(query: Query): Query
}

interface Rewrite {
  /** Called on every expression after its children. */
  expression?(of: Expression): Expression
  /** Called on every condition after its children. */
  predicate?(of: Predicate): Predicate
}

export const rewriteExpression = (of: Expression, rewrite: Rewrite): Expression => {
  const down = (child: Expression): Expression => rewriteExpression(child, rewrite)
  const inner = (): Expression => {
    switch (of.kind) {
      case 'negate':
      case 'sqrt':
      case 'count':
      case 'sum':
      case 'avg':
      case 'min':
      case 'max':
      case 'count-distinct':
      case 'percentile':
        return { ...of, of: down(of.of) }
      case 'add':
      case 'subtract':
      case 'multiply':
      case 'divide':
        return { ...of, left: down(of.left), right: down(of.right) }
      case 'case':
        return {
          kind: 'case',
          branches: of.branches.map(branch => ({
            when: rewritePredicate(branch.when, rewrite),
            value: down(branch.value),
          })),
          otherwise: down(of.otherwise),
        }
      default:
        return of
    }
  }
  const done = inner()
  return rewrite.expression?.(done) ?? done
}

export const rewritePredicate = (of: Predicate, rewrite: Rewrite): Predicate => {
  const value = (child: Expression): Expression => rewriteExpression(child, rewrite)
  const down = (child: Predicate): Predicate => rewritePredicate(child, rewrite)
  const inner = (): Predicate => {
    switch (of.kind) {
      case 'compare':
        return { ...of, left: value(of.left), right: value(of.right) }
      case 'between':
        return { ...of, of: value(of.of), low: value(of.low), high: value(of.high) }
      case 'in':
        return { ...of, of: value(of.of), list: of.list.map(value) }
      case 'is-null':
        return { ...of, of: value(of.of) }
      case 'is':
      case 'not':
        return { ...of, of: down(of.of) }
      case 'and':
      case 'or':
        return { ...of, of: of.of.map(down) }
      case 'literal':
      case 'truth':
      case 'similar':
        return of
    }
  }
  const done = inner()
  return rewrite.predicate?.(done) ?? done
}

/** Rewrites every condition and expression of a block, those inside aggregates included. */
export const rewriteQuery = (query: Query, rewrite: Rewrite): Query => ({
  ...query,
  computed: query.computed.map(({ column, of }) => ({ column, of: rewriteExpression(of, rewrite) })),
  windows: query.windows.map(call =>
    call.kind === 'sum' ? { ...call, of: rewriteExpression(call.of, rewrite) } : call,
  ),
  items: query.items.map(item =>
    item.kind === 'value' || item.kind === 'formula'
      ? { ...item, of: rewriteExpression(item.of, rewrite) }
      : item,
  ),
  where: query.where && rewritePredicate(query.where, rewrite),
  having: query.having && rewritePredicate(query.having, rewrite),
  aggregates: query.aggregates.map((aggregate): AggregateCall => {
    const done = rewriteExpression(aggregate, rewrite)
    return isAggregate(done) ? done : aggregate
  }),
})

/** Rewrites the conditions that stand at the top: WHERE, HAVING and each WHEN, as wholes. */
export const rewriteConditions = (query: Query, rewrite: (whole: Predicate) => Predicate): Query => {
  const inner: Rewrite = {
    expression: of =>
      of.kind === 'case'
        ? { ...of, branches: of.branches.map(branch => ({ ...branch, when: rewrite(branch.when) })) }
        : of,
  }
  const done = rewriteQuery(query, inner)
  return {
    ...done,
    where: done.where && rewrite(done.where),
    having: done.having && rewrite(done.having),
  }
}
