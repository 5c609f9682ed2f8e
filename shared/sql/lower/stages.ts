/** Where a run over whole tables may be interrupted: after what takes long, if there are rows enough to make it long. */
import { inputsOf, movesRows, type TableNode } from '../plan.ts'

/** Fewer rows take less time than writing down what is known. */
const ROWS_MIN = 4096

export const stageEndsOf = (nodes: readonly TableNode[]): readonly number[] => {
  const rows = new Map(nodes.map(node => [node.name, node.rows]))
  const worked = (node: TableNode): number =>
    Math.max(node.rows, ...inputsOf(node).map(name => rows.get(name) ?? 0))
  return nodes.flatMap((node, place) => (movesRows(node) && worked(node) >= ROWS_MIN ? [place] : []))
}
