/**
 * Two workloads over what companies know of persons: which passwords they have at several sites (as the place of a
 * keyed hash in its range), and the scores that several agencies give them in a year.
 */
import type { TableSchema } from '../../../shared/data/schema.ts'
import type { TestTable } from '../../sql/logic/database.ts'
import { createRandom } from '../../sql/table.ts'
import { category, column, integer } from '../columns.ts'

const PERSONS = 50
const SITES = ['shop', 'bank', 'mail', 'forum']

const PASSWORDS: TableSchema = {
  table: 'passwords',
  columns: [
    column('person', integer(1, PERSONS)),
    column('site', category(SITES), { visibility: 'public' }),
    column('hash', integer(0, 65_535)),
  ],
}

const SCORES: TableSchema = {
  table: 'scores',
  columns: [
    column('person', integer(1, PERSONS)),
    column('year', integer(2022, 2024)),
    column('score', integer(300, 850)),
  ],
}

const tableOf = (schema: TableSchema, rows: readonly (readonly number[])[]): TestTable => ({
  schema,
  rows: {
    count: rows.length,
    valid: rows.map(() => true),
    columns: new Map(schema.columns.map(({ name }, i) => [name, rows.map(row => BigInt(row[i] as number))])),
  },
})

export const generateCredit = (seed: number): readonly TestTable[] => {
  const random = createRandom(seed)
  const persons = Array.from({ length: PERSONS }, (_, i) => i + 1)
  return [
    tableOf(
      PASSWORDS,
      persons.flatMap(person => {
        const favourite = random.between(0, 65_535)
        return SITES.flatMap((_, site) =>
          random.chance(0.7)
            ? [[person, site, random.chance(0.4) ? favourite : random.between(0, 65_535)]]
            : [],
        )
      }),
    ),
    tableOf(
      SCORES,
      persons.flatMap(person => {
        const usual = random.between(350, 800)
        return Array.from({ length: random.between(1, 4) }, () => [
          person,
          random.between(2022, 2024),
          Math.min(850, Math.max(300, usual + random.between(-120, 120))),
        ])
      }),
    ),
  ]
}
