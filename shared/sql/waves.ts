/**
 * Which nodes run at once. Nodes that do not wait for each other share their rounds, so a plan takes as many rounds as the
 * longest way through it, not as all ways together. It follows from the plan alone, so all parties choose alike.
 *
 * The nodes of a wave are counted and measured together, under the name of its lead: the one with most to do. A large table
 * is worked on alone, so that memory stays what one node needs.
 */
import { inputsOf, movesRows, type PhysicalPlan, type TableNode } from './plan.ts'
import { stagesOf } from './stages.ts'

export interface Wave {
  /** In the plan's order; a node may read one that sends nothing and stands before it. */
  readonly nodes: readonly TableNode[]
  readonly lead: TableNode
}

/** More rows take longer than the rounds that they could share. */
const ROWS_MAX = 1 << 15

/** What only gives names and places takes no rounds. */
const SILENT: ReadonlySet<TableNode['operator']> = new Set(['read', 'rename', 'union'])

/** The waves of the nodes from one place to another, which is a stage or the whole plan. */
export const wavesOf = (
  { nodes }: Pick<PhysicalPlan, 'nodes'>,
  from = 0,
  to = nodes.length,
): readonly Wave[] => {
  const here = nodes.slice(from, to)
  const named = new Map(nodes.map(node => [node.name, node]))
  const inputs = (node: TableNode): readonly TableNode[] =>
    inputsOf(node).map(name => named.get(name) as TableNode)
  const worked = (node: TableNode): number => Math.max(node.rows, ...inputs(node).map(({ rows }) => rows))
  const isLarge = (node: TableNode): boolean => worked(node) > ROWS_MAX
  const levels = new Map<string, number>()
  for (const node of here) {
    const after = inputs(node).map(input => {
      const level = levels.get(input.name)
      if (level === undefined) return 0
      return SILENT.has(input.operator) && !isLarge(input) && !isLarge(node) ? level : level + 1
    })
    levels.set(node.name, Math.max(0, ...after))
  }
  const weight = (node: TableNode): number =>
    SILENT.has(node.operator) ? 0 : worked(node) + (movesRows(node) ? ROWS_MAX : 1)
  const waveOf = (together: readonly TableNode[]): Wave => ({
    nodes: together,
    lead: together.reduce((most, node) => (weight(node) > weight(most) ? node : most)),
  })
  const count = here.length === 0 ? 0 : 1 + Math.max(...levels.values())
  return Array.from({ length: count }, (_, level) =>
    here.filter(node => levels.get(node.name) === level),
  ).flatMap(all => {
    const few = all.filter(node => !isLarge(node))
    return [...all.filter(isLarge).map(node => [node]), ...(few.length > 0 ? [few] : [])].map(waveOf)
  })
}

/** For every node that shares rounds with others: the lead, under whose name its own rounds and bytes are counted. */
export const leadsOf = (plan: PhysicalPlan): ReadonlyMap<string, string> =>
  new Map(
    stagesOf(plan)
      .flatMap(stage => (stage.kind === 'nodes' ? wavesOf(plan, stage.from, stage.to) : []))
      .flatMap(({ nodes, lead }) => {
        const busy = nodes.filter(({ operator }) => !SILENT.has(operator))
        return busy.length < 2 ? [] : busy.map(({ name }) => [name, lead.name] as const)
      }),
  )
