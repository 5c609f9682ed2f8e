/** Which pairs of reports may say more together than alone, and what differs between them, in words. */
import { expect, test } from 'vitest'
import { compile } from '../../shared/sql/compile.ts'
import { differencesBetween, sharedTotals } from '../../shared/sql/differencing.ts'
import { PAY } from './table.ts'

const compiled = (sql: string, minimumGroupSize = 5) =>
  compile(sql, { tables: [{ schema: PAY, rows: 500 }], minimumGroupSize })

const BASE = 'SELECT grade, COUNT(*), SUM(salary) FROM pay GROUP BY grade'

test.each([
  ['SELECT grade, SUM(salary) FROM pay WHERE hours > 3 GROUP BY grade', ['SUM(salary)']],
  ['SELECT SUM(salary) FROM pay', ['SUM(salary)']],
  ['SELECT grade, gender, COUNT(*) FROM pay GROUP BY grade, gender', ['COUNT(*)']],
  ['SELECT grade, AVG(salary) FROM pay WHERE remote GROUP BY grade', ['SUM(salary)']],
  ['SELECT hired, SUM(salary) FROM pay GROUP BY hired', ['SUM(salary)']],
])('%s beside the base shows %j of other rows', async (sql, totals) => {
  expect(sharedTotals(await compiled(BASE), await compiled(sql), true)).toEqual(totals)
  expect(sharedTotals(await compiled(sql), await compiled(BASE), true)).toEqual(totals)
  expect(sharedTotals(await compiled(BASE), await compiled(sql), false)).toEqual([])
})

test.each([
  BASE,
  'SELECT grade, SUM(bonus) FROM pay WHERE hours > 3 GROUP BY grade',
  'SELECT grade, SUM(salary) FROM pay GROUP BY grade ORDER BY 2 LIMIT 3',
])('%s beside the base tells nothing more', async sql => {
  expect(sharedTotals(await compiled(BASE), await compiled(sql), true)).toEqual([])
})

test('another minimum group size uncovers what the first one hid', async () => {
  expect(sharedTotals(await compiled(BASE), await compiled(BASE, 4), true)).toEqual([
    'COUNT(*)',
    'SUM(salary)',
  ])
  expect(differencesBetween(await compiled(BASE), await compiled(BASE, 4))).toEqual([
    'minimum group size: 4; before: 5',
  ])
})

test('differences are said in words', async () => {
  const after = await compiled('SELECT grade, COUNT(*) FROM pay WHERE hours > 3 GROUP BY grade')
  expect(differencesBetween(await compiled(BASE), after)).toEqual([
    'the rows: hours >= 4; before: all, without a condition',
    'groups and totals: [COUNT(*)] by [grade]; before: [COUNT(*), SUM(salary)] by [grade]',
    'what is shown: [grade, COUNT(*) AS count]; before: [grade, COUNT(*) AS count, SUM(salary) AS sum]',
  ])
  expect(differencesBetween(after, after)).toEqual([])
})
