/** One node of a plan: its operator over the tables that it reads. */
import type { Relation } from '../../data/relation.ts'
import type { Session } from '../../session/session.ts'
import type { TableNode } from '../plan.ts'
import { attach } from './attach.ts'
import { collect } from './collect.ts'
import { derive } from './derive.ts'
import { conform } from './forms.ts'
import { join } from './join.ts'
import { nullify } from './nullify.ts'
import { rename } from './rename.ts'
import { select } from './select.ts'
import { type Table, tableOfRelation } from './table.ts'
import { top } from './top.ts'
import { union } from './union.ts'
import { window } from './window.ts'

export const runNode = (
  session: Session,
  node: TableNode,
  tableAt: (name: string) => Table,
  relationOf: (table: string) => Relation,
): Promise<Table> => {
  switch (node.operator) {
    case 'read': {
      const names = node.holds.map(({ column }, i) => ({ from: node.from[i] as string, column }))
      return conform(session, tableOfRelation(relationOf(node.table), names), node.holds)
    }
    case 'rename':
      return rename(session, tableAt(node.input), node)
    case 'select':
      return select(session, tableAt(node.input), node)
    case 'derive':
      return derive(session, tableAt(node.input), node)
    case 'nullify':
      return nullify(session, tableAt(node.input), node)
    case 'union':
      return union(session, node.inputs.map(tableAt), node)
    case 'join':
      return join(session, tableAt(node.left), tableAt(node.right), node)
    case 'attach':
      return attach(session, tableAt(node.input), tableAt(node.single), node)
    case 'collect':
      return collect(session, tableAt(node.input), node)
    case 'window':
      return window(session, tableAt(node.input), node)
    case 'top':
      return top(session, tableAt(node.input), node)
  }
}
