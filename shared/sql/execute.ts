/**
 * Runs a plan at one party: nodes over whole tables first, then either every block of rows totalled into cells, or the
 * rows of the last table themselves; then the steps of the end, once.
 *
 * Secret throughout: rows, membership in groups, totals, flags. Public: what the plan says. The only exit is the last
 * step, `reveal`, over exactly the vectors that the plan and its disclosure list.
 */
import { Abort } from '../base/errors.ts'
import { blankRelation, type Relation, type SecretColumn, selectRows } from '../data/relation.ts'
import { fieldZeros } from '../field/field.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { bitsToFieldAll } from '../protocol/bit-to-field.ts'
import { type Revealed, reveal } from '../protocol/reveal.ts'
import type { Column as Vector } from '../protocol/rows.ts'
import type { Session } from '../session/session.ts'
import { add, fieldConcat, type SharedBits, type SharedField, shareOfField } from '../sharing/shared.ts'
import { aggregate, compute, type Members, type RowValues } from './operator/aggregate.ts'
import { withoutDominance } from './operator/dominance.ts'
import { filter } from './operator/filter.ts'
import { type Frame, frameOfRelation } from './operator/frame.ts'
import { group, type Membership, partition } from './operator/group.ts'
import { having } from './operator/having.ts'
import { withNoise } from './operator/noise.ts'
import { enoughOwners } from './operator/owners.ts'
import { suppress } from './operator/suppress.ts'
import { threshold } from './operator/threshold.ts'
import type { Truth } from './operator/value.ts'
import { secretTable } from './physical/forms.ts'
import { runNode } from './physical/run-node.ts'
import { compact, shownRows, suppressRows } from './physical/show.ts'
import { columnNamed, type Table } from './physical/table.ts'
import {
  type CellPlan,
  type Guard,
  inputsOf,
  type PhysicalPlan,
  type PlanKey,
  revealedBy,
  type Step,
  type TablePlan,
} from './plan.ts'
import { packTable, stagesOf, unpackTable } from './stages.ts'
import { wavesOf } from './waves.ts'

/** Where a run is; all public. */
interface Progress {
  /** Name of the step that starts. */
  readonly step: string
  /** Steps finished, and steps in all, blocks included. */
  readonly done: number
  readonly of: number
}

/** Totals of every slot over the rows so far: all that one block hands to the next. Secret. */
type Totals = ReadonlyMap<string, SharedField>

/**
 * Between two stages: what the next one needs of what was computed, in the order and form of `shapesAt` (`stages.ts`).
 * Nothing of the session waits then, so whoever has it and the session's state can go on from here.
 */
export interface Between {
  /** Stages done; the next one has this number. */
  readonly stage: number
  readonly held: readonly Vector[]
}

interface ExecuteOptions {
  readonly onStep?: (progress: Progress) => void
  /** Left out: from the beginning. */
  readonly from?: Between | undefined
  /** Awaited before the next stage begins. */
  readonly onStage?: (between: Between) => Promise<void>
}

/** What owners shared, by table. */
export type Relations = ReadonlyMap<string, Relation>

/** All revealed vectors, one after the other, in the plan's order: `finish` reads them back. */
export const execute = async (
  session: Session,
  plan: PhysicalPlan,
  relations: Relations,
  { onStep = () => {}, from, onStage }: ExecuteOptions = {},
): Promise<Revealed> => {
  const wanted = checkRelations(plan, relations)
  const relationOf = (table: string): Relation => wanted.get(table) as Relation
  const stages = stagesOf(plan)
  const blocks = plan.form === 'cells' ? Math.ceil(plan.rows / plan.rowBlock) : 0
  const perBlock = plan.form === 'cells' ? plan.perBlock.length : 0
  const of = plan.nodes.length + blocks * perBlock + plan.perCell.length
  let done = 0
  const start = (step: { readonly name: string }): void => onStep({ step: step.name, done: done++, of })

  const tables = new Map<string, Table>()
  const rest = from === undefined ? [] : [...from.held]
  const firstStage = from?.stage ?? 0
  const between = stages[firstStage - 1]
  if (between !== undefined)
    for (const node of between.alive) tables.set(node.name, unpackTable(plan, node, rest, relationOf))
  const tableAt = (name: string): Table => {
    const table = tables.get(name)
    if (table === undefined) throw new Error(`the node ${name} has not run`)
    return table
  }
  const nodes = session.step('nodes')
  const nodeStages = stages.filter(stage => stage.kind === 'nodes')
  done = nodeStages[firstStage - 1]?.to ?? (firstStage > 0 ? plan.nodes.length : 0)
  for (const [i, stage] of nodeStages.entries()) {
    if (i < firstStage) continue
    for (const { nodes: together, lead } of wavesOf(plan, stage.from, stage.to)) {
      for (const node of together) if (node !== lead) start(node)
      start(lead)
      const running = new Map<string, Promise<void>>()
      for (const node of together) {
        const ready = Promise.all(inputsOf(node).map(name => running.get(name)))
        running.set(
          node.name,
          ready
            .then(() => runNode(nodes.step(node.name), node, tableAt, relationOf))
            .then(table => void tables.set(node.name, table)),
        )
      }
      await Promise.all(running.values())
    }
    const alive = new Set(stage.alive.map(({ name }) => name))
    for (const name of tables.keys()) if (!alive.has(name)) tables.delete(name)
    if (i < stages.length - 1)
      await onStage?.({
        stage: i + 1,
        held: stage.alive.flatMap(node => packTable(node, tableAt(node.name))),
      })
  }
  const last = plan.nodes.at(-1)
  if (plan.form === 'tables') {
    if (last === undefined) throw new Error('a plan over tables has nodes')
    return showTable(session.step('cells'), plan, tableAt(last.name), start)
  }

  const firstBlock = Math.max(0, firstStage - nodeStages.length)
  done += firstBlock * perBlock
  const names = slotsOf(plan)
  let totals: Totals =
    firstBlock === 0
      ? zeroTotals(session, plan)
      : new Map(names.map((name, i) => [name, rest[i] as SharedField]))
  // Where all blocks are done, their rows are not kept any more.
  const relation =
    firstBlock === blocks
      ? undefined
      : last === undefined
        ? relationOf((plan.tables[0] as { table: string }).table)
        : relationOfTable(tableAt(last.name))
  for (let block = firstBlock; relation !== undefined && block < blocks; block++) {
    const first = block * plan.rowBlock
    const rows =
      blocks === 1
        ? relation
        : rowRange(session.kernel, relation, first, Math.min(first + plan.rowBlock, plan.rows))
    const more = await runBlock(session.step(`block-${block}`), plan, rows, start)
    totals = new Map(
      [...totals].map(([name, total]) => [name, add(session.kernel, total, more.get(name) as SharedField)]),
    )
    const kept = block < blocks - 1 && last !== undefined ? packTable(last, tableAt(last.name)) : []
    await onStage?.({
      stage: nodeStages.length + block + 1,
      held: [...kept, ...names.map(name => totals.get(name) as SharedField)],
    })
  }
  return runCells(session.step('cells'), plan, totals, start)
}

/** Only what the plan names, and all of it. */
const checkRelations = (plan: PhysicalPlan, relations: Relations): Relations =>
  new Map(
    plan.tables.map(({ table, rows, columns }) => {
      const relation = relations.get(table)
      if (relation?.rows !== rows)
        throw new Abort(
          'rows-differ',
          `the plan is for ${rows} rows of ${table}, the relation has ${relation?.rows ?? 'none'}`,
        )
      const names = new Set(columns.map(column => column.name))
      for (const name of names)
        if (!relation.secret.has(name) && !relation.public.has(name))
          throw new Abort('column-missing', `the relation ${table} has no column ${name}`)
      const only = <T>(all: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
        new Map([...all].filter(([name]) => names.has(name)))
      return [table, { ...relation, secret: only(relation.secret), public: only(relation.public) }]
    }),
  )

/** Shares of nothing in the shape of the plan's inputs, for counting, or with a real kernel for measuring: no row counts. */
export const blankRelations = (plan: PhysicalPlan, kernel?: Kernel): Relations =>
  new Map(
    plan.tables.map(({ table, rows, columns }) => [
      table,
      blankRelation({ table, columns: [...columns] }, rows, kernel),
    ]),
  )

const relationOfTable = (table: Table): Relation => ({
  rows: table.rows,
  valid: table.valid,
  secret: new Map(
    [...table.columns].map(([name, { column, slices, field, notNull }]): [string, SecretColumn] => [
      name,
      {
        column,
        slices,
        ...(field && { field }),
        ...(notNull && { notNull: { bit: notNull.bit, field: notNull.field as SharedField } }),
      },
    ]),
  ),
  public: table.public,
})

const rowRange = (kernel: Kernel, relation: Relation, from: number, to: number): Relation =>
  selectRows(
    kernel,
    relation,
    Uint32Array.from({ length: to - from }, (_, i) => from + i),
  )

/** Names of the totals, in the plan's order: the form in which they are kept between stages. */
const slotsOf = (plan: CellPlan): readonly string[] =>
  plan.perBlock.flatMap(step => (step.operator === 'aggregate' ? step.slots : []))

const zeroTotals = ({ kernel, party }: Session, plan: CellPlan): Totals =>
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
  plan: CellPlan,
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
  plan: CellPlan,
  totals: Totals,
  start: (step: Step) => void,
): Promise<Revealed> => {
  let seen = totals
  let enough: ReadonlyMap<Guard, SharedBits> = new Map()
  let kept: Truth | undefined
  let outputs: readonly SharedField[] = []
  for (const step of plan.perCell) {
    start(step)
    const here = session.step(step.name)
    switch (step.operator) {
      case 'noise':
        seen = await withNoise(here, seen, step.privacy)
        break
      case 'threshold':
        enough = await threshold(here, seen, step.guards, step.minimum)
        break
      case 'owners':
        enough = await enoughOwners(here, seen, step.checks, enough)
        break
      case 'dominance':
        enough = await withoutDominance(here, seen, step.checks, enough)
        break
      case 'having':
        kept = await having(here, plan, step, seen, enough)
        break
      case 'suppress':
        outputs = await suppress(here, revealedBy(plan), seen, enough, kept)
        break
      case 'reveal':
        return reveal(here, fieldConcat(session.kernel, outputs))
      default:
        throw new Error(`${step.operator} is no cell step`)
    }
  }
  throw new Error('a plan ends with reveal')
}

/** The same where cells are the rows of a table. */
const showTable = async (
  session: Session,
  plan: TablePlan,
  last: Table,
  start: (step: Step) => void,
): Promise<Revealed> => {
  const vectors = revealedBy(plan)
  const condition = plan.perCell.find(step => step.operator === 'having')
  let enough: ReadonlyMap<Guard, SharedBits> = new Map()
  // Where the rows have never moved, columns may still be public; what is shown is shown from shares.
  const all = secretTable(session, last)
  const totalsOf = (names: readonly string[]): Totals =>
    new Map(names.map(name => [name, columnNamed(all, name).field as SharedField]))
  let table = all
  let outputs: readonly SharedField[] = []
  for (const step of plan.perCell) {
    start(step)
    const here = session.step(step.name)
    switch (step.operator) {
      case 'threshold':
        enough = await threshold(here, totalsOf(step.guards), step.guards, step.minimum)
        break
      case 'owners': {
        const counts = totalsOf(step.checks.flatMap(check => check.counts))
        enough = await enoughOwners(here, counts, step.checks, enough)
        break
      }
      case 'dominance': {
        const sums = totalsOf(step.checks.flatMap(check => check.terms.flat()))
        enough = await withoutDominance(here, sums, step.checks, enough)
        break
      }
      case 'having':
        break
      case 'compact':
        table = {
          ...all,
          valid: await shownRows(here.step('shown'), all, enough, condition),
        }
        table = await compact(here, table, step, vectors, enough, plan.cells)
        break
      case 'suppress':
        outputs = await suppressRows(here, table, vectors)
        break
      case 'reveal':
        return reveal(here, fieldConcat(session.kernel, outputs))
      default:
        throw new Error(`${step.operator} is no step of rows`)
    }
  }
  throw new Error('a plan ends with reveal')
}
