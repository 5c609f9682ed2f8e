/**
 * The stages of a plan: the pieces after each of which a run may be interrupted and continued by somebody else, and what
 * has to be kept between them. All of it follows from the plan alone, so it is public, and the same at all parties.
 *
 * Public columns are not kept: they are read again from what the owners shared.
 */
import type { Relation } from '../data/relation.ts'
import { columnWidth, rangeOf } from '../data/schema.ts'
import type { Column as Vector } from '../protocol/rows.ts'
import type { Shape } from '../session/encoding.ts'
import type { SharedBits } from '../sharing/shared.ts'
import {
  type PublicValues,
  type Table,
  type TableColumn,
  tableOfRelation,
  vectorsOf,
} from './physical/table.ts'
import { type HeldColumn, inputsOf, type PhysicalPlan, type TableNode } from './plan.ts'

export type Stage =
  | {
      readonly kind: 'nodes'
      /** Places in the plan's nodes, `to` not included. */
      readonly from: number
      readonly to: number
      /** Nodes whose tables are needed after it. */
      readonly alive: readonly TableNode[]
    }
  | { readonly kind: 'block'; readonly alive: readonly TableNode[] }
  | { readonly kind: 'end'; readonly alive: readonly TableNode[] }

/** Whether a table is read by a node from this place on, or by the end of the plan. */
const isNeededFrom = (plan: PhysicalPlan, place: number, name: string): boolean =>
  plan.nodes.at(-1)?.name === name || plan.nodes.slice(place).some(node => inputsOf(node).includes(name))

/** In the order in which they run; a plan over one table has blocks alone, and every plan an end. */
export const stagesOf = (plan: PhysicalPlan): readonly Stage[] => {
  const count = plan.nodes.length
  const ends = count === 0 ? [] : [...new Set([...plan.stageEnds.map(place => place + 1), count])]
  const nodes = ends.map((to, i): Stage => {
    const from = i === 0 ? 0 : (ends[i - 1] as number)
    const alive = plan.nodes.slice(0, to).filter(({ name }) => isNeededFrom(plan, to, name))
    return { kind: 'nodes', from, to, alive }
  })
  if (plan.form === 'tables') {
    // The end works on few rows, so it belongs to the last stage of nodes.
    return nodes
  }
  const blocks = Math.ceil(plan.rows / plan.rowBlock)
  const last = plan.nodes.at(-1)
  return [
    ...nodes,
    ...Array.from(
      { length: blocks },
      (_, block): Stage => ({ kind: 'block', alive: last !== undefined && block < blocks - 1 ? [last] : [] }),
    ),
    { kind: 'end', alive: [] },
  ]
}

const isSecret = ({ column }: HeldColumn): boolean => column.visibility === 'secret'

/** The vectors of a table, validity first, in the order of what its node holds. */
export const packTable = (node: TableNode, table: Table): readonly Vector[] => [
  table.valid,
  ...node.holds
    .filter(isSecret)
    .flatMap(({ column }) => vectorsOf(table.columns.get(column.name) as TableColumn)),
]

const shapesOfTable = (node: TableNode): readonly Shape[] => {
  const bit: Shape = { domain: 'boolean', length: node.rows }
  const element: Shape = { domain: 'field', length: node.rows }
  return [
    bit,
    ...node.holds
      .filter(isSecret)
      .flatMap(({ column, bits, field, indicator = field }) => [
        ...Array.from({ length: bits ? columnWidth(column) : 0 }, () => bit),
        ...(field ? [element] : []),
        ...(column.nullable ? [bit, ...(indicator ? [element] : [])] : []),
      ]),
  ]
}

/** What is held when so many stages are done. */
export const shapesAt = (plan: PhysicalPlan, stage: number): readonly Shape[] => {
  const done = stagesOf(plan)[stage - 1]
  if (done === undefined) return []
  const totals =
    done.kind === 'block' && plan.form === 'cells'
      ? plan.perBlock.flatMap(step =>
          step.operator === 'aggregate'
            ? step.slots.map((): Shape => ({ domain: 'field', length: plan.cells }))
            : [],
        )
      : []
  return [...done.alive.flatMap(shapesOfTable), ...totals]
}

/** Takes the vectors of a table from the front of `rest`. */
export const unpackTable = (
  plan: PhysicalPlan,
  node: TableNode,
  rest: Vector[],
  relationOf: (table: string) => Relation,
): Table => {
  const [valid] = rest.splice(0, 1) as [SharedBits]
  const columns = node.holds
    .filter(isSecret)
    .map(({ column, bits, field, indicator = field }): [string, TableColumn] => {
      const slices = rest.splice(0, bits ? columnWidth(column) : 0) as SharedBits[]
      const [element] = rest.splice(0, field ? 1 : 0)
      const [bit] = rest.splice(0, column.nullable ? 1 : 0)
      const [flag] = rest.splice(0, column.nullable && indicator ? 1 : 0)
      return [
        column.name,
        {
          column,
          slices,
          low: rangeOf(column.type).low,
          field: element as TableColumn['field'],
          notNull: bit && ({ bit, field: flag } as TableColumn['notNull']),
        },
      ]
    })
  return { rows: node.rows, valid, columns: new Map(columns), public: publicOf(plan, node, relationOf) }
}

/** Public values of a table whose rows stand where the owners' rows stood. */
const publicOf = (
  plan: PhysicalPlan,
  node: TableNode,
  relationOf: (table: string) => Relation,
): ReadonlyMap<string, PublicValues> => {
  const wanted = node.holds.filter(held => !isSecret(held))
  if (wanted.length === 0) return new Map()
  const at = (name: string): ReadonlyMap<string, PublicValues> =>
    publicOf(plan, plan.nodes.find(one => one.name === name) as TableNode, relationOf)
  const before = (): ReadonlyMap<string, PublicValues> => {
    switch (node.operator) {
      case 'read': {
        const names = node.holds.map(({ column }, i) => ({ from: node.from[i] as string, column }))
        return tableOfRelation(relationOf(node.table), names).public
      }
      case 'rename': {
        const inside = at(node.input)
        return new Map(
          wanted.map(({ column }): [string, PublicValues] => {
            const from = node.from[node.holds.findIndex(held => held.column === column)] as string
            return [column.name, { column, values: (inside.get(from) as PublicValues).values }]
          }),
        )
      }
      case 'join':
        return at(node.left)
      case 'select':
      case 'derive':
      case 'attach':
      case 'nullify':
        return at(node.input)
      default:
        throw new Error(`${node.operator} keeps no public columns`)
    }
  }
  const known = before()
  return new Map(wanted.map(({ column }) => [column.name, known.get(column.name) as PublicValues]))
}
