/** Printed plans, the disclosure statement, and that the same question always compiles to the same digests. */

import { expect, test } from 'vitest'
import { compile } from '../../shared/sql/compile.ts'
import { costOf } from '../../shared/sql/cost.ts'
import { renderDisclosure } from '../../shared/sql/disclosure.ts'
import { explain } from '../../shared/sql/explain.ts'
import { revealedBy } from '../../shared/sql/plan.ts'
import { PAY } from './table.ts'

const options = { tables: [{ schema: PAY, rows: 20_000 }], minimumGroupSize: 10 }
const REPORT = `SELECT country, grade, gender, COUNT(*) AS headcount, AVG(salary) AS mean
  FROM pay p WHERE hired BETWEEN '2005-01-01' AND '2020-12-31' AND p.remote IS NOT TRUE
  GROUP BY 1, 2, gender HAVING COUNT(*) < 900 ORDER BY mean DESC, country LIMIT 20 OFFSET 2`

test('the pay report explained', async () => {
  const compiled = await compile(REPORT, options)
  expect(
    explain(compiled, { cost: await costOf(compiled) }).replaceAll(compiled.digest, '<digest>'),
  ).toMatchSnapshot()
})

test('without cost, explain prints no numbers of rounds', async () => {
  const text = explain(await compile(REPORT, options))
  expect(text).toContain('filter ')
  expect(text).not.toMatch(/round[s]?,/)
})

test('everything that is revealed stands in the disclosure, with its reason', async () => {
  const { plan, disclosure } = await compile(REPORT, options)
  const vectors = revealedBy(plan)
  expect(vectors.map(vector => [vector.kind, vector.slot, vector.guard])).toEqual([
    ['shown', 'COUNT(*)', 'COUNT(*)'],
    ['shown', 'COUNT(salary)', 'COUNT(salary)'],
    ['total', 'COUNT(*)', 'COUNT(*)'],
    ['total', 'SUM(salary)', 'COUNT(salary)'],
    ['total', 'COUNT(salary)', 'COUNT(salary)'],
  ])
  for (const vector of vectors) {
    if (vector.kind === 'total')
      expect(
        disclosure.recipientLearns.some(line => line.includes(vector.name) && line.includes(vector.reason)),
      ).toBe(true)
  }
  expect(disclosure.recipientLearns).toHaveLength(1 + vectors.length)
  expect(renderDisclosure(disclosure)).toMatchSnapshot()
})

test('aggregates that only HAVING looks at are not revealed', async () => {
  const { plan } = await compile(
    'SELECT grade FROM pay GROUP BY grade HAVING SUM(salary) > 3 AND COUNT(*) > 7',
    options,
  )
  const vectors = revealedBy(plan)
  expect(vectors.map(vector => [vector.kind, vector.slot])).toEqual([['shown', 'COUNT(*)']])
})

test('the plan reads only the columns that the query names', async () => {
  const { plan } = await compile(
    'SELECT SUM(CASE WHEN remote THEN hours END) FROM pay WHERE bonus > 3 HAVING COUNT(salary) > 3',
    options,
  )
  expect(plan.tables[0]!.columns.map(column => column.name)).toEqual(['salary', 'bonus', 'hours', 'remote'])
})

test.each([
  ['SELECT grade AS g, COUNT(*) FROM pay GROUP BY g', 'aliases'],
  ['SELECT p.grade g, COUNT(*) FROM pay AS p GROUP BY p.grade', 'qualified names'],
  ['select "grade" as "g", CoUnT(*) from PAY group by 1;', 'quotes, case and positions'],
  ['SELECT grade AS g, COUNT(hours) AS count FROM pay GROUP BY grade, 1, pay.grade', 'keys named twice'],
])('%s compiles to one plan (%s)', async sql => {
  const plain = await compile('SELECT grade AS g, COUNT(*) AS count FROM pay GROUP BY grade', options)
  expect((await compile(sql, options)).digest).toBe(plain.digest)
})

test('an input column comes before an alias in GROUP BY, and an alias before a column in ORDER BY', async () => {
  const { plan } = await compile(
    'SELECT gender, COUNT(*) AS grade FROM pay GROUP BY grade, gender ORDER BY grade',
    options,
  )
  expect(plan.keys.map(key => ('column' in key ? key.column : key.name))).toEqual(['grade', 'gender'])
  expect(plan.order[0]?.by).toEqual({ kind: 'output', index: 1 })
})

test('digests depend on the question and on nothing else', async () => {
  const [a, b, other, more] = await Promise.all([
    compile(REPORT, options),
    compile(REPORT.replace(/\s+/g, '  ').replace('FROM', 'from /* the same */'), structuredClone(options)),
    compile(REPORT.replace('2005', '2006'), options),
    compile(REPORT, { ...options, minimumGroupSize: 11 }),
  ])
  expect([a.digest, a.disclosureDigest]).toEqual([b.digest, b.disclosureDigest])
  expect(other.digest).not.toBe(a.digest)
  expect(more.digest).not.toBe(a.digest)
  expect(more.disclosureDigest).not.toBe(a.disclosureDigest)
  expect(JSON.parse(JSON.stringify(a))).toEqual(a)
})

test.each([0, -1, 1.5, Number.NaN])('a minimum group size of %d is refused', async minimumGroupSize => {
  await expect(compile('SELECT COUNT(*) FROM pay', { ...options, minimumGroupSize })).rejects.toMatchObject({
    name: 'InputError',
  })
})

test.each([
  [
    'SELECT hired, COUNT(*) AS n FROM pay GROUP BY hired',
    /no more than 2000 groups .* from row counts and group size$/,
    null,
  ],
  [
    'SELECT hired, COUNT(*) AS n FROM pay GROUP BY hired ORDER BY n LIMIT 3',
    /no more than 3 groups .* from LIMIT and OFFSET in the query$/,
    'ORDER BY and LIMIT are applied before anything is shown.',
  ],
  [
    'SELECT hired, COUNT(*) AS n FROM pay GROUP BY hired LIMIT 1',
    /no more than 1 group can/,
    'LIMIT is applied before anything is shown.',
  ],
  [
    'SELECT hired, COUNT(*) AS n FROM pay GROUP BY hired ORDER BY n LIMIT 3 OFFSET 2',
    /no more than 5 groups/,
    'Only the first 5 groups in this order are shown at all; the recipient leaves out the first 2.',
  ],
  [
    'SELECT hired, AVG(hours) AS n FROM pay GROUP BY hired ORDER BY n LIMIT 3',
    /no more than 2000 groups .* from row counts and group size$/,
    'ORDER BY and LIMIT are applied by the recipient, who learns all shown groups.',
  ],
  [
    'SELECT hired, COUNT(*) AS n FROM pay GROUP BY hired ORDER BY n',
    /no more than 2000 groups/,
    'ORDER BY is applied by the recipient, who learns all shown groups.',
  ],
])('where the bound comes from, and who orders: %s', async (sql, bound, note) => {
  const { disclosure } = await compile(sql, options)
  expect(disclosure.partiesLearn.find(line => line.startsWith('that no more'))).toMatch(bound)
  const notes = disclosure.notes.filter(line => /ORDER BY|LIMIT|OFFSET|order/.test(line))
  expect(notes).toEqual(note === null ? [] : [note])
})

test('a minimum of one reads as one', async () => {
  const { disclosure } = await compile('SELECT SUM(bonus) FROM pay', { ...options, minimumGroupSize: 1 })
  expect(disclosure.notes.join(' ')).toContain('at least 1 row after the filter')
  expect(renderDisclosure(disclosure)).not.toContain('1 rows')
})
