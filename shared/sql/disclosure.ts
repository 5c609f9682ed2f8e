/**
 * What a plan lets anyone learn: the statement that an owner reads and approves. It is derived from the plan alone, from
 * the same list of revealed vectors that `execute` obeys, so nothing can leave that is not named here.
 */
import { ROWS } from './lower.ts'
import type { Disclosure, PhysicalPlan, RevealedVector } from './plan.ts'

const describeVector = (vector: RevealedVector, minimum: number): string => {
  if (vector.kind === 'shown')
    return vector.guard === ROWS
      ? 'which groups are shown'
      : `for each shown group: whether ${vector.guard} is at least ${minimum} (${vector.reason})`
  const condition = vector.guard === ROWS ? '' : `, where ${vector.guard} is at least ${minimum}`
  return `for each shown group${condition}: ${vector.name} (${vector.reason})`
}

export const discloses = (plan: PhysicalPlan): Disclosure => {
  const { minimumGroupSize, keys, perCell } = plan
  const vectors = perCell.flatMap(step => (step.operator === 'reveal' ? step.vectors : []))
  const hasHaving = perCell.some(step => step.operator === 'having')
  const shown = `at least ${minimumGroupSize} rows after the filter${hasHaving ? ' that fulfil HAVING' : ''}`
  const publicColumns = plan.columns.filter(column => column.visibility === 'public')
  const isLimited = plan.limit !== null || plan.offset > 0
  return {
    kind: 'disclosure',
    version: 1,
    recipientLearns: [
      keys.length > 0
        ? `for each shown group: ${keys.map(key => key.column).join(', ')}`
        : 'one result over all rows, or that it is not shown',
      ...vectors.map(vector => describeVector(vector, minimumGroupSize)),
    ],
    partiesLearn: [
      `row counts per dataset version (together ${plan.rows}), padding included`,
      'the schema, this plan, and who asks for what',
      ...(publicColumns.length > 0
        ? [`public columns in the clear: ${publicColumns.map(column => column.name).join(', ')}`]
        : []),
      'the number of rounds and bytes, timing, and whether the run aborted',
      'nothing about secret columns or the result',
    ],
    notes: [
      `A group is shown only with ${shown}; any other group is indistinguishable from an empty one.`,
      `An aggregate over an expression is shown only when at least ${minimumGroupSize} rows of the group contribute to it.`,
      ...(hasHaving
        ? ['In HAVING an aggregate with fewer contributors is unknown, as if it were NULL.']
        : []),
      ...(isLimited || plan.order.length > 0
        ? ['ORDER BY and LIMIT are applied by the recipient, who learns all shown groups.']
        : []),
      'Differences between shown results, within this report or with others, can be about fewer rows than the minimum; approve with that in mind.',
    ],
  }
}

export const renderDisclosure = (of: Disclosure): string =>
  [
    'recipient learns:',
    ...of.recipientLearns.map(line => `  - ${line}`),
    'every party learns:',
    ...of.partiesLearn.map(line => `  - ${line}`),
    'notes:',
    ...of.notes.map(line => `  - ${line}`),
  ].join('\n')
