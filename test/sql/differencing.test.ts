/** Which pairs of reports may say more together than alone, and what differs between them, in words. */
import { expect, test } from 'vitest'
import { compile } from '../../shared/sql/compile.ts'
import {
  differencesBetween,
  diffOf,
  marginOf,
  renderDiff,
  sharedTotals,
} from '../../shared/sql/differencing.ts'
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

// ── margins ─────────────────────────────────────────────────────────────────────────────────────────────────────────

test.each([
  ['SELECT SUM(salary) FROM pay', { keys: [], totals: ['SUM(salary)'] }],
  ['SELECT AVG(salary) FROM pay', { keys: [], totals: ['SUM(salary)'] }],
  ['SELECT COUNT(*) AS n, MAX(hours) FROM pay', { keys: [], totals: ['COUNT(*)'] }],
])('%s is a margin of the base, in either order', async (sql, margin) => {
  expect(marginOf(await compiled(BASE), await compiled(sql))).toEqual({ of: 'after', ...margin })
  expect(marginOf(await compiled(sql), await compiled(BASE))).toEqual({ of: 'before', ...margin })
})

test('groups of more columns, also of those that are found by sorting, are parts of a margin', async () => {
  const margin = { of: 'before', keys: ['grade'], totals: ['COUNT(*)'] }
  for (const more of ['gender', 'hired', 'hours + grade'])
    expect(
      marginOf(
        await compiled(BASE),
        await compiled(`SELECT grade, COUNT(*) FROM pay GROUP BY grade, ${more}`),
      ),
    ).toEqual(margin)
})

test.each([
  BASE,
  'SELECT gender, COUNT(*) FROM pay GROUP BY gender',
  'SELECT SUM(salary) FROM pay WHERE hours > 3',
  'SELECT MAX(salary), COUNT(DISTINCT hours), SUM(bonus) FROM pay',
])('%s is no margin of the base', async sql => {
  expect(marginOf(await compiled(BASE), await compiled(sql))).toBeNull()
})

test('totals with noise do not add up, so they have no margins', async () => {
  const owners = [{ name: 'alder', policy: { privacyBudget: { epsilon: '2' } } }]
  const noisy = (sql: string) =>
    compile(sql, { tables: [{ schema: PAY, rows: 500, owners }], minimumGroupSize: 5, epsilon: '1' })
  expect(marginOf(await noisy(BASE), await noisy('SELECT COUNT(*) FROM pay'))).toBeNull()
})

test('one name of two computed columns is no common key', async () => {
  const of = (key: string, more = '') =>
    compiled(`SELECT k, COUNT(*) FROM (SELECT ${key} AS k, gender FROM pay) t GROUP BY k${more}`)
  expect(marginOf(await of('hours'), await of('hours', ', gender'))).not.toBeNull()
  expect(marginOf(await of('hours'), await of('hours + 1', ', gender'))).toBeNull()
})

// ── two plans in words ──────────────────────────────────────────────────────────────────────────────────────────────

test('a diff says what is asked, what is disclosed more and less, and what both say together', async () => {
  const [before, after] = await Promise.all([
    compiled(BASE),
    compiled('SELECT grade, gender, SUM(salary) FROM pay WHERE remote GROUP BY grade, gender', 10),
  ])
  const diff = diffOf(before, after)
  expect(diff.more).toContain('recipient: for each shown group: grade, gender')
  expect(diff.less).toContain('recipient: for each shown group: grade')
  expect(diff.together.join()).toContain('Both show SUM(salary), of other rows or groups')
  const text = renderDiff(diff)
  expect(text).toContain('  - the rows: remote; before: all, without a condition')
  expect(text).toContain('  - minimum group size: 10; before: 5')
  expect(renderDiff(diffOf(before, before))).toBe(
    [
      'what is asked differently',
      '  nothing: the two ask the same',
      'what is disclosed in addition',
      '  nothing',
      'what is no longer disclosed',
      '  nothing',
      'what the two say together, over common data',
      '  no more than each by itself',
    ].join('\n'),
  )
})

test('a diff names a margin, and which of the two shows it', async () => {
  const { together } = diffOf(await compiled(BASE), await compiled('SELECT COUNT(*) FROM pay'))
  expect(together[0]).toBe(
    'the second shows COUNT(*) of all rows together, and the first shows parts of the same: a part that is not shown follows from the others wherever it is the only one.',
  )
})
