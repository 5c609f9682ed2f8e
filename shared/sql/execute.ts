/**
 * Runs a plan at one party: every block of rows through the block steps, totals added up, then the cell steps once.
 *
 * Secret throughout: rows, membership in groups, totals, flags. Public: what the plan says. The only exit is the last
 * step, `reveal`, over exactly the vectors that the plan and its disclosure list.
 */

import { Abort } from '../base/errors.ts'
import { type Relation, selectRows } from '../data/relation.ts'
import { fieldZeros } from '../field/field.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { bitsToFieldAll } from '../protocol/bit-to-field.ts'
import type { Revealed } from '../protocol/reveal.ts'
import { reveal } from '../protocol/reveal.ts'
import type { Session } from '../session/session.ts'
import { add, fieldConcat, type SharedBits, type SharedField, shareOfField } from '../sharing/shared.ts'
import { aggregate, compute, type Members, type RowValues } from './operator/aggregate.ts'
import { filter } from './operator/filter.ts'
import { type Frame, frameOfRelation } from './operator/frame.ts'
import { group, type Membership, partition } from './operator/group.ts'
import { having } from './operator/having.ts'
import { suppress } from './operator/suppress.ts'
import { threshold } from './operator/threshold.ts'
import type { Truth } from './operator/value.ts'
import type { Guard, PhysicalPlan, PlanKey, RevealedVector, Step } from './plan.ts'

/** Where a run is; all public. */
interface Progress {
  /** Name of the step that starts. */
  readonly step: string
  /** Steps finished, and steps in all, blocks included. */
  readonly done: number
  readonly of: number
}

/** Totals of every slot over the rows so far: all that one stage hands to the next. Secret. */
type Totals = ReadonlyMap<string, SharedField>

/**
 * Between two stages: a block of rows is a stage, and the cell steps are the last one. Nothing of the session waits then,
 * so whoever has `totals` and the session's state can go on from here.
 */
export interface Between {
  /** Stages done; the next one has this number. */
  readonly stage: number
  readonly totals: Totals
}

interface ExecuteOptions {
  readonly onStep?: (progress: Progress) => void
  /** Left out: from the beginning. */
  readonly from?: Between | undefined
  /** Awaited before the next stage begins. */
  readonly onStage?: (between: Between) => Promise<void>
}

/** All revealed vectors, one after the other, in the plan's order: `finish` reads them back. */
export const execute = async (
  session: Session,
  plan: PhysicalPlan,
  relation: Relation,
  { onStep = () => {}, from, onStage }: ExecuteOptions = {},
): Promise<Revealed> => {
  if (relation.rows !== plan.rows)
    throw new Abort('rows-differ', `the plan is for ${plan.rows} rows, the relation has ${relation.rows}`)
  const blocks = Math.ceil(plan.rows / plan.rowBlock)
  const of = blocks * plan.perBlock.length + plan.perCell.length
  let done = (from?.stage ?? 0) * plan.perBlock.length
  const start = (step: Step): void => onStep({ step: step.name, done: done++, of })

  const wanted = onlyColumns(relation, plan)
  let totals = from?.totals ?? zeroTotals(session, plan)
  for (let block = from?.stage ?? 0; block < blocks; block++) {
    const first = block * plan.rowBlock
    const rows =
      blocks === 1
        ? wanted
        : rowRange(session.kernel, wanted, first, Math.min(first + plan.rowBlock, plan.rows))
    const more = await runBlock(session.step(`block-${block}`), plan, rows, start)
    totals = new Map(
      [...totals].map(([name, total]) => [name, add(session.kernel, total, more.get(name) as SharedField)]),
    )
    await onStage?.({ stage: block + 1, totals })
  }
  return runCells(session.step('cells'), plan, totals, start)
}

const onlyColumns = (relation: Relation, plan: PhysicalPlan): Relation => {
  const names = new Set(plan.columns.map(column => column.name))
  for (const name of names)
    if (!relation.secret.has(name) && !relation.public.has(name))
      throw new Abort('column-missing', `the relation has no column ${name}`)
  const only = <T>(columns: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...columns].filter(([name]) => names.has(name)))
  return { ...relation, secret: only(relation.secret), public: only(relation.public) }
}

const rowRange = (kernel: Kernel, relation: Relation, from: number, to: number): Relation =>
  selectRows(
    kernel,
    relation,
    Uint32Array.from({ length: to - from }, (_, i) => from + i),
  )

/** Names of the totals, in the plan's order: the form in which they are kept between stages. */
export const slotsOf = (plan: PhysicalPlan): readonly string[] =>
  plan.perBlock.flatMap(step => (step.operator === 'aggregate' ? step.slots : []))

const zeroTotals = ({ kernel, party }: Session, plan: PhysicalPlan): Totals =>
  new Map(slotsOf(plan).map(name => [name, shareOfField(kernel, party, fieldZeros(kernel, plan.cells))]))

/** What the steps of a block hand to each other. */
interface BlockState {
  frame: Frame
  rows: SharedBits
  keys: Extract<Step, { operator: 'group' }> | undefined
  membership: Membership
  members: Members
  values: RowValues
  totals: Totals
}

const runBlock = async (
  session: Session,
  plan: PhysicalPlan,
  relation: Relation,
  start: (step: Step) => void,
): Promise<Totals> => {
  const state: BlockState = {
    frame: frameOfRelation(relation),
    rows: relation.valid,
    keys: undefined,
    membership: { left: [], right: [] },
    members: { left: [], right: [] },
    values: new Map(),
    totals: new Map(),
  }
  for (const step of plan.perBlock) {
    start(step)
    const here = session.step(step.name)
    switch (step.operator) {
      case 'scan':
        break
      case 'filter':
        state.rows = await filter(here, state.frame, relation, step.predicate)
        break
      case 'group':
        state.keys = step
        state.membership = await group(here, relation.secret, plan.keys, step, state.rows)
        break
      case 'convert': {
        const { left, right } = state.membership
        const converted = await bitsToFieldAll(here, [...left, ...right])
        state.members = { left: converted.slice(0, left.length), right: converted.slice(left.length) }
        break
      }
      case 'compute':
        state.values = await compute(here, state.frame, step.slots)
        break
      case 'aggregate': {
        const keys = state.keys
        if (keys === undefined) throw new Error('a plan groups before it aggregates')
        const publicKeys = keys.partition.map(place => plan.keys[place] as PlanKey)
        const columns = publicKeys.map(key => {
          const column = relation.public.get(key.column)
          if (column === undefined) throw new Error(`${key.column} is not public`)
          return column
        })
        const parts = partition(relation.rows, columns, publicKeys)
        state.totals = await aggregate(here, step.slots, state.values, state.members, plan.keys, keys, parts)
        break
      }
      default:
        throw new Error(`${step.operator} is no block step`)
    }
  }
  return state.totals
}

const runCells = async (
  session: Session,
  plan: PhysicalPlan,
  totals: Totals,
  start: (step: Step) => void,
): Promise<Revealed> => {
  const vectors = plan.perCell.flatMap((step): readonly RevealedVector[] =>
    step.operator === 'reveal' ? step.vectors : [],
  )
  let enough: ReadonlyMap<Guard, SharedBits> = new Map()
  let kept: Truth | undefined
  let outputs: readonly SharedField[] = []
  for (const step of plan.perCell) {
    start(step)
    const here = session.step(step.name)
    switch (step.operator) {
      case 'threshold':
        enough = await threshold(here, totals, step.guards, step.minimum)
        break
      case 'having':
        kept = await having(here, plan, step, totals, enough)
        break
      case 'suppress':
        outputs = await suppress(here, vectors, totals, enough, kept)
        break
      case 'reveal':
        return reveal(here, fieldConcat(session.kernel, outputs))
      default:
        throw new Error(`${step.operator} is no cell step`)
    }
  }
  throw new Error('a plan ends with reveal')
}
