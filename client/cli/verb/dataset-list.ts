/** `trias dataset list`: the data versions that owners have shared. */
import type { Command } from 'commander'
import { print, verb } from '../command.ts'
import { asMember, type MemberOptions, openConnection } from '../member.ts'
import { count, short } from '../style.ts'
import { plainTable } from '../table.ts'

export const datasetList = (): Command =>
  asMember(
    verb('list', 'List the data versions of the federation', {
      description:
        'Lists every version of every owner’s tables that the parties know, oldest first: schema and row counts, never rows.',
      examples: ['trias dataset list', 'trias dataset list --json'],
    }),
  ).action(async (options: MemberOptions) => {
    const { datasetVersions } = await import('../../sdk/federation-client.ts')
    const versions = await datasetVersions(await openConnection(options))
    const rows = versions.map(({ digest, document }) => ({
      dataset: digest,
      owner: document.owner,
      table: document.table,
      sequence: document.sequence,
      rows: document.rows,
      createdAt: document.createdAt,
    }))
    const text =
      rows.length === 0
        ? 'No data yet.'
        : plainTable(
            ['dataset', 'owner', 'table', 'version', 'rows', 'created'],
            rows.map(row => [
              short(row.dataset),
              row.owner,
              row.table,
              String(row.sequence),
              count(row.rows),
              row.createdAt,
            ]),
          )
    print({ json: { datasets: rows }, text }, options)
  })
