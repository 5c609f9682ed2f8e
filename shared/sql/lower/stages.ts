/** Where a run over whole tables may be interrupted: after what takes long, if there are rows enough to make it long. */
import type { TableNode } from '../plan.ts'

const MOVES_ROWS: ReadonlySet<TableNode['operator']> = new Set(['join', 'collect', 'window', 'top'])
/** Fewer rows take less time than writing down what is known. */
const ROWS_MIN = 4096

export const stageEndsOf = (nodes: readonly TableNode[]): readonly number[] => {
  const rows = new Map(nodes.map(node => [node.name, node.rows]))
  const worked = (node: TableNode): number => {
    const inputs = node.operator === 'join' ? [node.left, node.right] : 'input' in node ? [node.input] : []
    return Math.max(node.rows, ...inputs.map(name => rows.get(name) ?? 0))
  }
  return nodes.flatMap((node, place) =>
    MOVES_ROWS.has(node.operator) && worked(node) >= ROWS_MIN ? [place] : [],
  )
}
