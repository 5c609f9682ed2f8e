/** `trias dataset show`: one data version with its schema. */
import type { Command } from 'commander'
import type { Policy } from '../../../shared/data/policy.ts'
import type { Column } from '../../../shared/data/schema.ts'
import { print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { count, fields } from '../style.ts'
import { plainTable } from '../table.ts'

export const datasetShow = (): Command =>
  asMember(
    verb('show', 'Show a data version: owner, schema, row count', {
      description:
        'Shows what everybody in the federation may know about a data version. A version is named by its digest, the beginning of it, or "latest".',
      examples: ['trias dataset show latest', 'trias dataset show 8hGt2'],
    }).argument('<dataset>', 'digest, its beginning, or "latest"'),
  ).action(async (name: string, options: MemberOptions) => {
    const { datasetVersions, pick } = await import('../../sdk/federation-client.ts')
    const { digest, document, at } = pick(
      'dataset',
      await datasetVersions(await openConnection(options)),
      name,
    )
    print(
      {
        json: { dataset: digest, document, parties: at },
        text: [
          fields([
            ['dataset', digest],
            ['owner', document.owner],
            ['table', `${document.table}, version ${document.sequence}`],
            ['rows', count(document.rows)],
            ['created', document.createdAt],
            ['at parties', at.join(', ')],
            ...(await policyText(document.schema.policy)),
          ]),
          '',
          plainTable(
            ['column', 'type', 'NULL', 'visibility', 'uses'],
            document.schema.columns.map(column => [
              column.name,
              typeText(column),
              column.nullable ? 'yes' : 'no',
              column.visibility,
              column.uses.join(', '),
            ]),
          ),
        ].join('\n'),
      },
      options,
    )
  })

/** What the owner demands of every report that reads it. */
const policyText = async (policy: Policy | undefined): Promise<readonly (readonly [string, string])[]> => {
  if (policy === undefined) return []
  const { showDominance } = await import('../../../shared/sql/owners.ts')
  const { minimumGroupSize, minimumOwners, dominance = [], privacyBudget } = policy
  const demands = [
    ...(minimumGroupSize === undefined ? [] : [`groups of ${minimumGroupSize} rows`]),
    ...(minimumOwners === undefined ? [] : [`of ${minimumOwners} owners`]),
    ...dominance.map(showDominance),
    ...(privacyBudget === undefined ? [] : [`privacy budget ε = ${privacyBudget.epsilon}`]),
  ]
  return [['policy', demands.join(', ')]]
}

const typeText = ({ type }: Column): string => {
  switch (type.kind) {
    case 'integer':
    case 'date':
      return `${type.kind} ${type.min} … ${type.max}`
    case 'decimal':
      return `decimal(${type.scale}) ${type.min} … ${type.max}`
    case 'boolean':
      return 'boolean'
    case 'category':
      return type.values.length <= 6 ? type.values.join(' | ') : `${type.values.length} categories`
    case 'text':
      return ['text', ...type.folds, ...(type.sound === undefined ? [] : [`${type.sound} sound`])].join(', ')
    case 'grams':
      return ['bigrams', ...type.folds].join(', ')
  }
}
