/**
 * A plan as boxes and arrows: tables of their owners, every step with its rounds and bytes, and the recipient. What leaves
 * the computation, or lets the parties learn something, stands in boxes of its own kind. Everything in it is public.
 */
import { byteCount } from '../base/byte-count.ts'
import { describeNode, describeStep } from './explain.ts'
import {
  type CompiledQuery,
  type Cost,
  inputsOf,
  type PhysicalPlan,
  type Step,
  type StepCost,
  type TableNode,
} from './plan.ts'
import { leadsOf } from './waves.ts'

export interface Box {
  readonly id: string
  /** `opens`: a step in which the parties learn a bit; `discloses`: what the recipient gets leaves there. */
  readonly kind: 'table' | 'step' | 'opens' | 'discloses' | 'recipient'
  readonly title: string
  readonly lines: readonly string[]
  /** Ids of the boxes whose arrows come here. */
  readonly inputs: readonly string[]
}

export interface PlanGraph {
  readonly title: string
  readonly subtitle: string
  /** After every box that it reads. */
  readonly boxes: readonly Box[]
  readonly notes: readonly string[]
}

export interface GraphNames {
  /** Owners by table; a table that is not named says that its owners share it. */
  readonly owners?: ReadonlyMap<string, readonly string[]>
  /** Operators by index. */
  readonly parties?: readonly string[]
  readonly recipient?: string
}

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** Bytes of each party once where they are equal. */
const sentText = ({ bytesPerParty }: Pick<StepCost, 'bytesPerParty'>): string => {
  const [first, ...others] = bytesPerParty
  return others.every(bytes => bytes === first)
    ? `each party sends ${byteCount(first)}`
    : bytesPerParty.map((bytes, party) => `party ${party}: ${byteCount(bytes)}`).join(', ')
}

/** `lead`: the step under whose name the cost is counted, where several run at once. */
const costLines = (cost: Cost, name: string, lead?: string): readonly string[] => {
  if (lead !== undefined && lead !== name) return [`at once with ${lead}, counted there`]
  const step = cost.steps.find(one => one.name === name)
  if (step === undefined) return []
  if (step.rounds === 0 && step.bytesPerParty.every(bytes => bytes === 0))
    return ['at each party by itself: nothing is sent']
  const others = lead === undefined ? '' : ` (${lead} and what runs at once)`
  return [`${plural(step.rounds, 'round')}; ${sentText(step)}${others}`]
}

const TABLE = 'table '

const nodeBox = (node: TableNode, cost: Cost, lead: string | undefined): Box => {
  const opens = node.operator === 'join' && node.checked
  return {
    id: node.name,
    kind: opens ? 'opens' : 'step',
    title: node.operator,
    lines: [
      describeNode(node),
      plural(node.rows, 'row'),
      ...costLines(cost, node.name, lead),
      ...(opens ? ['THE PARTIES LEARN one bit: whether the declared bound holds'] : []),
    ],
    inputs: node.operator === 'read' ? [`${TABLE}${node.table}`] : inputsOf(node),
  }
}

/** Steps after the nodes, one after the other. */
const chain = (plan: PhysicalPlan): readonly Step[] => [
  ...(plan.form === 'cells' ? plan.perBlock : []),
  ...plan.perCell,
]

export const planGraph = (
  { plan, disclosure, digest }: CompiledQuery,
  cost: Cost,
  { owners, parties = ['party 0', 'party 1', 'party 2'], recipient = 'the recipient' }: GraphNames = {},
): PlanGraph => {
  const tables = plan.tables.map(
    ({ table, rows }): Box => ({
      id: `${TABLE}${table}`,
      kind: 'table',
      title: table,
      lines: [
        `shared by ${owners?.get(table)?.join(', ') ?? 'its owners'}`,
        `${plural(rows, 'row')}, as shares at all three parties`,
      ],
      inputs: [],
    }),
  )
  const leads = leadsOf(plan)
  const nodes = plan.nodes.map(node => nodeBox(node, cost, leads.get(node.name)))
  const before = plan.nodes.at(-1)?.name ?? tables[0]?.id
  const steps = chain(plan).map((step, i, all): Box => {
    const isReveal = step.operator === 'reveal'
    const input = i === 0 ? before : all[i - 1]?.name
    return {
      id: step.name,
      kind: isReveal ? 'discloses' : 'step',
      title: step.operator,
      lines: [
        describeStep(plan, step),
        ...costLines(cost, step.name),
        ...(isReveal ? ['DISCLOSED: shares of these vectors leave the parties, and nothing else does'] : []),
      ],
      inputs: input === undefined ? [] : [input],
    }
  })
  const last = steps.at(-1)?.id
  const reader: Box = {
    id: 'recipient',
    kind: 'recipient',
    title: `${recipient} learns`,
    lines: disclosure.recipientLearns.map(line => `• ${line}`),
    inputs: last === undefined ? [] : [last],
  }
  return {
    title: `Plan ${digest.slice(0, 12)}: ${plural(cost.rounds, 'round')}; ${sentText(cost)}`,
    subtitle: `Every step is computed by ${parties.join(', ')} together; each holds shares, none sees a value. Groups of at least ${plan.minimumGroupSize}.`,
    boxes: [...tables, ...nodes, ...steps, reader],
    notes: disclosure.partiesLearn.map(line => `every party learns ${line}`),
  }
}
