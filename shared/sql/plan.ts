/**
 * The oblivious physical plan: what the three parties do, in which order, over which public shape. Everything in it is
 * public and plain JSON; its digest is what an owner approves. Secret values appear nowhere, only names of vectors.
 */
import type { DominanceRule } from '../data/policy.ts'
import type { Column, ColumnType } from '../data/schema.ts'
import type { Demand } from './demands.ts'
import type { Expression, Predicate } from './expression.ts'
import type { Privacy } from './privacy.ts'

/** One key of the group table: its cells are the declared domain, with NULL last when the column is nullable. */
export interface PlanKey {
  readonly column: string
  /** Encoded integers as text, in declared order; null stands for SQL NULL. */
  readonly values: readonly (string | null)[]
}

/**
 * A truth about rows that is 1 or 0 in F_p: that an expression is not NULL, or that a row contributes to an aggregate.
 * `all` of nothing is always 1.
 */
export type Indicator =
  | { readonly kind: 'never' }
  | { readonly kind: 'all'; readonly of: readonly IndicatorAtom[] }

export type IndicatorAtom =
  /** The column is not NULL. */
  | { readonly kind: 'not-null'; readonly column: string }
  /** The indicator of the branch that CASE takes. */
  | {
      readonly kind: 'case'
      readonly branches: readonly { readonly when: Predicate; readonly value: Indicator }[]
      readonly otherwise: Indicator
    }
  | { readonly kind: 'either'; readonly left: Indicator; readonly right: Indicator }

/** A total over the rows of each cell. */
export type Slot = {
  /** Its name in the plan, such as `SUM(pay)`. */
  readonly name: string
  readonly total:
    | { readonly kind: 'rows' }
    | { readonly kind: 'value'; readonly of: Expression }
    | { readonly kind: 'indicator'; readonly of: Indicator }
}

/** The slot that counts rows: every plan has it. */
export const ROWS = 'COUNT(*)'

/** The name of a slot whose total must reach the minimum group size before a value that names it is shown. */
export type Guard = string

export type Step =
  | { readonly name: string; readonly operator: 'scan'; readonly columns: readonly string[] }
  | { readonly name: string; readonly operator: 'filter'; readonly predicate: Predicate }
  | {
      readonly name: string
      readonly operator: 'group'
      /** Public keys partition rows in the clear; places in `keys`. */
      readonly partition: readonly number[]
      /** Secret keys, one-hot. A cell is a pair (left, right) within a partition; rows outside the filter are in none. */
      readonly left: readonly number[]
      readonly right: readonly number[]
    }
  /** One-hot bits to F_p. */
  | { readonly name: string; readonly operator: 'convert' }
  /** Row values of the slots. */
  | { readonly name: string; readonly operator: 'compute'; readonly slots: readonly Slot[] }
  /** Totals of the slots over the rows of each cell. */
  | { readonly name: string; readonly operator: 'aggregate'; readonly slots: readonly string[] }
  /** Noise on every total, before anything looks at them. */
  | { readonly name: string; readonly operator: 'noise'; readonly privacy: Privacy }
  /** Whether each guard reaches the minimum, in each cell. */
  | {
      readonly name: string
      readonly operator: 'threshold'
      readonly guards: readonly Guard[]
      readonly minimum: number
    }
  /** Whether enough owners contribute as well, for each guard and each table whose owners demand it. */
  | { readonly name: string; readonly operator: 'owners'; readonly checks: readonly OwnersCheck[] }
  /** Whether no owner dominates a total: makes guards of its own. */
  | { readonly name: string; readonly operator: 'dominance'; readonly checks: readonly DominanceCheck[] }
  | {
      readonly name: string
      readonly operator: 'having'
      readonly predicate: Predicate
      readonly inputs: readonly HavingInput[]
    }
  /**
   * Rows of the last table: those that are shown come to the front, and no more than the plan's cells are kept. With an
   * order the first of it; `shuffled` where the order in which rows come would tell something.
   */
  | {
      readonly name: string
      readonly operator: 'compact'
      /** Rows that can be shown at all, before the order is looked at. */
      readonly most: number
      readonly order: readonly RowOrdering[]
      readonly shuffled: boolean
    }
  /** Makes every value zero where its guard does not hold. */
  | { readonly name: string; readonly operator: 'suppress' }
  | { readonly name: string; readonly operator: 'reveal'; readonly vectors: readonly RevealedVector[] }

/** Of a guard's count for each owner of a table, at least so many must not be 0. */
export interface OwnersCheck {
  readonly guard: Guard
  readonly table: string
  /** One slot an owner. */
  readonly counts: readonly string[]
  readonly minimum: number
}

/** `guard` holds where `base` does and no owner of the table dominates any of the terms. */
export interface DominanceCheck {
  readonly guard: Guard
  readonly base: Guard
  /** The total that it is about. */
  readonly of: string
  readonly table: string
  /** Of each term one slot an owner. */
  readonly terms: readonly (readonly string[])[]
  readonly rules: readonly DominanceRule[]
}

/** What HAVING may look at: a slot, known only where its guard holds. */
export interface HavingInput {
  readonly name: string
  readonly slot: string
  readonly guard: Guard
  readonly scale: number
}

// ── whole tables ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A column of a table between two nodes, and in which domains its shares are held there. */
export interface HeldColumn {
  readonly column: Column
  /** Bit slices of value - low. */
  readonly bits: boolean
  /** Words of F_p. */
  readonly field: boolean
  /** Of a nullable column: that it is not NULL, in F_p as well. Left out: as `field`. */
  readonly indicator?: boolean
}

/** A total over the rows of each secret group, under the name of the column that it becomes. */
export interface GroupSlot {
  readonly name: string
  readonly total:
    | Slot['total']
    /** The least or greatest value that is not NULL; 0 where there is none. */
    | { readonly kind: 'min' | 'max'; readonly of: string }
    /** How many different values that are not NULL. */
    | { readonly kind: 'distinct'; readonly of: string }
    /** The value at a fraction of the ordered ones; continuous: times 10^digits, between two of them. */
    | {
        readonly kind: 'percentile'
        readonly of: string
        readonly numerator: number
        readonly digits: number
        readonly continuous: boolean
      }
}

export interface RowOrdering {
  readonly column: string
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/**
 * An operator over whole tables. Nodes stand in the order in which they run, and read only nodes before them. Every one
 * gives `rows` rows, of which a secret validity bit says which count, and exactly the columns of `holds`.
 */
export type TableNode = {
  readonly name: string
  readonly rows: number
  readonly holds: readonly HeldColumn[]
} /** Columns of a base table under new names: `from[i]` becomes `holds[i]`. */ & (
  | { readonly operator: 'read'; readonly table: string; readonly from: readonly string[] }
  /** Columns renamed: `from[i]` becomes `holds[i]`. */
  | { readonly operator: 'rename'; readonly input: string; readonly from: readonly string[] }
  | { readonly operator: 'select'; readonly input: string; readonly predicate: Predicate }
  /** Columns computed of others in the same row; all others of `holds` stay. */
  | {
      readonly operator: 'derive'
      readonly input: string
      readonly computed: readonly { readonly name: string; readonly of: Expression }[]
    }
  /** Columns by place: `from[i][j]` of input i becomes `holds[j]`. */
  | {
      readonly operator: 'union'
      readonly inputs: readonly string[]
      readonly from: readonly (readonly string[])[]
    }
  | {
      readonly operator: 'join'
      readonly join: 'inner' | 'left' | 'semi' | 'anti'
      readonly left: string
      readonly right: string
      readonly on: readonly { readonly left: string; readonly right: string }[]
      /** More than 1: every row of the left side is repeated so often. */
      readonly matchesMax: number
      /** Whether `matchesMax` was declared and not proved: then one bit is opened, and the run aborts when it is exceeded. */
      readonly checked: boolean
    }
  /** The one row of `single` beside every row; no row of it counts when that row does not. */
  | { readonly operator: 'attach'; readonly input: string; readonly single: string }
  /** One row for every group, in front; without keys exactly one. `keys` keep their names. */
  | {
      readonly operator: 'collect'
      readonly input: string
      readonly keys: readonly string[]
      readonly slots: readonly GroupSlot[]
    }
  /** NULL instead of 0 where a count is 0, and the count is forgotten. */
  | {
      readonly operator: 'nullify'
      readonly input: string
      readonly nulls: readonly { readonly column: string; readonly count: string }[]
    }
  | {
      readonly operator: 'window'
      readonly input: string
      readonly partition: readonly string[]
      readonly order: readonly RowOrdering[]
      readonly functions: readonly WindowFunction[]
    }
  /** The first `rows` valid rows in this order. */
  | { readonly operator: 'top'; readonly input: string; readonly order: readonly RowOrdering[] }
)

export type WindowFunction = { readonly name: string } & (
  | { readonly kind: 'row-number' }
  /** `range-sum`: running, with the rows that are equal in the order. */
  | { readonly kind: 'running-sum' | 'range-sum' | 'partition-sum' | 'lag'; readonly of: string }
)

/** One vector over all cells that leaves the computation, in this order. Zero in cells whose guard does not hold. */
export interface RevealedVector {
  readonly name: string
  /**
   * A flag, 1 where the guard holds; the total of a slot; or, where cells are rows of a table, a column of it, and a flag
   * that is 1 where that column is not NULL.
   */
  readonly kind: 'shown' | 'total' | 'column' | 'known'
  readonly slot: string
  readonly guard: Guard
  readonly reason: string
}

/** Names of the keys by which groups, or rows, are told apart. */
export const keyNamesOf = (plan: PhysicalPlan): readonly string[] =>
  plan.form === 'cells' ? plan.keys.map(({ column }) => column) : plan.keys.map(({ name }) => name)

export type OutputType = ColumnType['kind']

/** A leaf of a formula: a total, or a key by its place. */
export type FormulaLeaf =
  | { readonly kind: 'total'; readonly slot: string; readonly guard: Guard }
  | { readonly kind: 'key'; readonly key: number }

/** A column of the report, computed by the recipient from keys and revealed vectors. */
export type Output = { readonly name: string } & (
  | { readonly kind: 'key'; readonly key: number }
  /** `column` is the type of totals that are values, such as MIN of a date; others are numbers. */
  | {
      readonly kind: 'total'
      readonly slot: string
      readonly guard: Guard
      readonly scale: number
      readonly column?: Column
    }
  | {
      readonly kind: 'average'
      readonly sum: string
      readonly count: string
      readonly guard: Guard
      readonly scale: number
    }
  /** Leaves by the text of the expression that each stands for. */
  | {
      readonly kind: 'formula'
      readonly of: Expression
      readonly leaves: readonly (readonly [string, FormulaLeaf])[]
    }
)

export interface Ordering {
  readonly by: { readonly kind: 'output' | 'key'; readonly index: number }
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** A table that owners shared: all versions of it together. */
export interface PlanTable {
  readonly table: string
  /** Public: rows of all dataset versions together. */
  readonly rows: number
  /** The columns that are read, as declared. */
  readonly columns: readonly Column[]
}

interface AnyPlan {
  readonly kind: 'plan'
  readonly version: 2
  readonly tables: readonly PlanTable[]
  /** The strictest of what was asked for and what is demanded. */
  readonly minimumGroupSize: number
  /** What owners of its tables demand; left out where they demand nothing. */
  readonly demands?: readonly Demand[]
  /** What is computed over whole tables, in this order. Empty: rows of the one table are read as they are. */
  readonly nodes: readonly TableNode[]
  /** Nodes after which a run may be interrupted and continued: places in `nodes`, ascending. */
  readonly stageEnds: readonly number[]
  /** Length of every vector that is revealed. */
  readonly cells: number
  readonly perCell: readonly Step[]
  /** What the recipient makes of the revealed vectors, by itself. */
  readonly outputs: readonly Output[]
  readonly order: readonly Ordering[]
  readonly limit: number | null
  readonly offset: number
}

/** Groups are the cross product of declared domains: every block of rows is totalled into the same cells. */
export interface CellPlan extends AnyPlan {
  readonly form: 'cells'
  /** Rows that are totalled. */
  readonly rows: number
  /** Rows that are worked on at once; a multiple of 64. Bounds memory. */
  readonly rowBlock: number
  readonly columns: readonly Column[]
  readonly keys: readonly PlanKey[]
  /** Every block goes through these; then, once, through `perCell`. */
  readonly perBlock: readonly Step[]
}

/** Groups, or rows, are the rows of the last node. */
export interface TablePlan extends AnyPlan {
  readonly form: 'tables'
  /** Columns that name a group, or are a row: what the recipient sees beside totals. */
  readonly keys: readonly Column[]
}

export type PhysicalPlan = CellPlan | TablePlan

/** What running the plan lets anyone learn. Owners approve its digest together with the plan's. */
export interface Disclosure {
  readonly kind: 'disclosure'
  readonly version: 1
  readonly recipientLearns: readonly string[]
  readonly partiesLearn: readonly string[]
  readonly notes: readonly string[]
}

/** Where values stay and how far from the limits of F_p: proof that nothing wraps around. */
export interface ProvenRange {
  readonly what: string
  readonly low: string
  readonly high: string
}

/** A plan that the planner has compared with others. */
export interface Considered {
  /** What is its own about it, for people. */
  readonly what: string
  /** From the first round to the last, by the rates of the federation. */
  readonly seconds: number
  /** Whether a function can have the memory that it needs. */
  readonly fits: boolean
}

export interface CompiledQuery {
  readonly sql: string
  /** The logical plan after all rules, for people. */
  readonly logical: readonly string[]
  readonly plan: PhysicalPlan
  readonly ranges: readonly ProvenRange[]
  /** The chosen plan first; empty where there was no choice. */
  readonly considered: readonly Considered[]
  readonly disclosure: Disclosure
  /** Digest of `plan`. */
  readonly digest: string
  readonly disclosureDigest: string
}

export interface StepCost {
  readonly name: string
  readonly rounds: number
  readonly bytesPerParty: readonly [number, number, number]
}
export interface Cost {
  readonly rounds: number
  /** Bytes that each party sends. */
  readonly bytesPerParty: readonly [number, number, number]
  readonly steps: readonly StepCost[]
}

/** The name of a total that is NULL where its guard does not hold. */
export const guardedName = (slot: string, guard: Guard): string =>
  guard === ROWS ? slot : `${slot} where ${guard}`

// ── what many ask of a plan ─────────────────────────────────────────────────────────────────────────────────────────

/** Everything that leaves the computation, in this order. */
export const revealedBy = ({ perCell }: Pick<PhysicalPlan, 'perCell'>): readonly RevealedVector[] =>
  perCell.flatMap(step => (step.operator === 'reveal' ? step.vectors : []))

/** Names of the nodes that a node reads. */
export const inputsOf = (node: TableNode): readonly string[] => {
  switch (node.operator) {
    case 'read':
      return []
    case 'union':
      return node.inputs
    case 'join':
      return [node.left, node.right]
    case 'attach':
      return [node.input, node.single]
    default:
      return [node.input]
  }
}

const MOVING: ReadonlySet<TableNode['operator']> = new Set(['join', 'collect', 'window', 'top'])

/** Whether the rows of a node leave their places, by permutations that are opened. */
export const movesRows = ({ operator }: TableNode): boolean => MOVING.has(operator)
