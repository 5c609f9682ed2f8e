/** docs/reference/schema.md: its example is a schema, and every kind, use, member and fold has its place. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { tableSchema } from '../../shared/data/schema.ts'
import { FOLDS } from '../../shared/data/text/normalise.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/reference/schema.md'), 'utf8')

test('the example is a schema', () => {
  const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? []
  expect(tableSchema.parse(JSON.parse(example)).columns).toHaveLength(4)
})

test('every kind, use and fold that the schema takes, and no other', () => {
  const refused = tableSchema.safeParse({
    table: 't',
    columns: [{ name: 'a', type: { kind: 'none' }, nullable: true, visibility: 'secret', uses: ['none'] }],
  })
  const { issues = [] } = refused.error ?? {}
  const uses = (issues.find(({ path }) => path.includes('uses')) as { values?: string[] }).values ?? []
  expect(uses.length).toBeGreaterThan(4)
  for (const name of [...uses, ...FOLDS]) expect(page).toContain(`\`${name}\``)
  const { options = [] } = issues.find(({ path }) => path.includes('kind')) as { options?: string[] }
  const kinds = [...page.matchAll(/^\| `(\w+)` \| [^|]*\| [^|]+\|$/gm)].map(([, kind]) => kind)
  expect(kinds.filter(kind => kind !== 'kind')).toEqual(options)
})
