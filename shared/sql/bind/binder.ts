/**
 * What binding one part of a query needs from the others. Conditions hold expressions, and expressions hold conditions
 * (CASE) and aggregates (HAVING), so each finds the others here instead of importing them in a circle.
 */
import type { FuncCall, Node } from 'libpg-query'
import type { Column, Use } from '../../data/schema.ts'
import type { Comparison, Expression, Predicate } from '../expression.ts'
import type { Scope } from './scope.ts'

/** Where an expression stands decides which columns it may name and for what. */
export interface Place {
  readonly clause: 'WHERE' | 'HAVING' | 'SELECT' | 'an aggregate'
  /** `carried`: what an inner block shows; the block around checks what it does with it. */
  readonly use: Use | 'carried'
  /** The only columns that may stand outside of an aggregate; undefined where all may. */
  readonly keys?: readonly Column[]
  /** A side of a comparison, where both sides can be multiplied with what they are divided by. */
  readonly quotients?: boolean
}

export interface Binder extends Scope {
  /** `context` is what a literal is compared with, and takes its type from. */
  readonly expression: (node: Node, place: Place, context?: Expression) => Expression
  readonly predicate: (node: Node, place: Place) => Predicate
  /** Two sides of a comparison, which need not be written as one: CASE x WHEN y. */
  readonly comparison: (
    comparison: Comparison,
    left: Node,
    right: Node,
    at: Node | number,
    place: Place,
  ) => Predicate
  readonly aggregate: (call: FuncCall, node: Node) => Expression
  /** A column of the block that holds the expression in every row. */
  readonly compute: (of: Expression, node: Node) => Expression
  /** A column that holds a window function; only in a block without groups. */
  readonly window: (call: FuncCall, node: Node) => Expression
  /** A subquery that stands for one value. */
  readonly scalar: (node: Node, place: Place) => Expression
  /** Aggregates in subqueries that stand for one value: totals of those, wherever they are met. */
  readonly totals: Map<FuncCall, Expression>
  /** Whether what the block shows goes to the recipient. */
  readonly isOutermost: boolean
}
