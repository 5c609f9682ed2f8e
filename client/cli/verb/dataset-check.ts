/** `trias dataset check`: every cell of a source against the schema. */
import type { Command } from 'commander'
import { addSourceOptions, checkSource, type SourceOptions } from '../check-source.ts'
import { type CommonOptions, common, print, verb } from '../command.ts'
import { count } from '../style.ts'

export const datasetCheck = (): Command =>
  common(
    addSourceOptions(
      verb('check', 'Check a source against a schema; nothing leaves this machine', {
        description: `Reads the source and reports every violation with its row and column, never the value. Rows are counted
from 1 without a header line.`,
        examples: [
          'trias dataset check --schema payroll.schema.json --source payroll.csv',
          `trias dataset check --schema payroll.schema.json --select "SELECT land AS country, * EXCLUDE (land) FROM 'hr.parquet'"`,
        ],
      }),
    ),
  ).action(async (options: SourceOptions & CommonOptions) => {
    const { schema, rows } = await checkSource(options)
    print(
      {
        json: { ok: true, table: schema.table, rows, columns: schema.columns.map(({ name }) => name) },
        text: `${count(rows)} rows of ${schema.table} hold to the schema.`,
      },
      options,
    )
  })
