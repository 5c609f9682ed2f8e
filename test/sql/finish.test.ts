/** What the recipient makes of revealed integers: averages, order, limits, suppressed cells, exact types. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile } from '../../shared/sql/compile.ts'
import { average, finish } from '../../shared/sql/finish.ts'
import { PAY } from './table.ts'

const compiled = (sql: string) => compile(sql, { tables: [{ schema: PAY, rows: 1000 }], minimumGroupSize: 5 })
const SUPPRESSED = { suppressed: true }

test('an average is rounded half away from zero', () => {
  expect(average(1n, 3n, 4)).toBe(3333n)
  expect(average(2n, 3n, 4)).toBe(6667n)
  expect(average(1n, 20000n, 4)).toBe(1n)
  expect(average(-1n, 20000n, 4)).toBe(-1n)
  expect(average(1n, 20001n, 4)).toBe(0n)
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 17n), 10n ** 17n), fc.bigInt(1n, 10n ** 6n), (sum, count) => {
      const distance = 2n * (average(sum, count, 4) * count - sum * 10_000n)
      expect((distance < 0n ? -distance : distance) <= count).toBe(true)
      expect(average(-sum, count, 4)).toBe(-average(sum, count, 4))
    }),
  )
})

// Cells of gender: f, m, x, NULL.
const ORDERED = 'SELECT gender, COUNT(*) AS n, AVG(salary) AS mean FROM pay GROUP BY gender'
/** Flags of groups and of averages, then COUNT(*), SUM(salary), COUNT(salary). */
const VALUES = [1, 1, 1, 1, 1, 1, 0, 1, 20, 10, 30, 5, 1000, -1001, 0, 7, 3, 6, 0, 7].map(BigInt)

test('cells come out typed, and suppressed averages as suppressed', async () => {
  const report = finish(await compiled(ORDERED), VALUES)
  expect(report).toEqual({
    columns: [
      { name: 'gender', type: 'category', scale: 0 },
      { name: 'n', type: 'integer', scale: 0 },
      { name: 'mean', type: 'decimal', scale: 6 },
    ],
    rows: [
      ['f', 20, '3.333333'],
      ['m', 10, '-1.668333'],
      ['x', 30, SUPPRESSED],
      [null, 5, '0.010000'],
    ],
    keys: ['gender'],
    suppressedGroups: [],
    counts: { shown: 4, suppressed: 0 },
  })
})

test.each([
  ['ORDER BY n', [null, 'm', 'f', 'x']],
  ['ORDER BY 2 DESC', ['x', 'f', 'm', null]],
  ['ORDER BY COUNT(*) DESC LIMIT 2', ['x', 'f']],
  ['ORDER BY COUNT(*) OFFSET 3', ['x']],
  ['ORDER BY gender', ['f', 'm', 'x', null]],
  ['ORDER BY gender DESC', [null, 'x', 'm', 'f']],
  ['ORDER BY gender DESC NULLS LAST', ['x', 'm', 'f', null]],
  ['ORDER BY pay.gender NULLS FIRST', [null, 'f', 'm', 'x']],
  // The suppressed average of x comes last both ways.
  ['ORDER BY mean', ['m', null, 'f', 'x']],
  ['ORDER BY mean DESC NULLS FIRST', ['f', null, 'm', 'x']],
  ['LIMIT 0', []],
  ['LIMIT ALL', ['f', 'm', 'x', null]],
  ['OFFSET 9', []],
] as const)('%s', async (tail, genders) => {
  const report = finish(await compiled(`${ORDERED} ${tail}`), VALUES)
  expect(report.rows.map(row => row[0])).toEqual(genders)
  expect(report.counts).toEqual({ shown: 4, suppressed: 0 })
})

test('text is ordered as text, whatever the order of the declaration', async () => {
  const report = finish(
    await compiled('SELECT country, COUNT(*) FROM pay GROUP BY 1 ORDER BY 1'),
    [1, 1, 1, 7, 8, 9].map(BigInt),
  )
  expect(report.rows).toEqual([
    ['DE', 8],
    ['FR', 7],
    ['IT', 9],
  ])
})

test('groups that are not shown are listed by key, and as rows only when asked for', async () => {
  const query = await compiled(
    'SELECT COUNT(*) AS n, gender FROM pay GROUP BY gender ORDER BY n DESC LIMIT 1',
  )
  const values = [0, 1, 1, 0, 0, 8, 9, 0].map(BigInt)
  const report = finish(query, values)
  expect(report.rows).toEqual([[9, 'x']])
  expect(report.suppressedGroups).toEqual([['f'], [null]])
  expect(report.counts).toEqual({ shown: 2, suppressed: 2 })
  expect(finish(query, values, { includeSuppressed: true }).rows).toEqual([
    [9, 'x'],
    [SUPPRESSED, 'f'],
    [SUPPRESSED, null],
  ])
})

test('integers beyond what JavaScript holds exactly are text', async () => {
  const query = await compiled('SELECT SUM(hours), SUM(salary), SUM(hours * 1000000000) FROM pay')
  const report = finish(query, [1n, 1n, 9007199254740993n, 123456789012345678n, 5n])
  expect(report.columns.map(column => column.type)).toEqual(['integer', 'decimal', 'integer'])
  expect(report.rows[0]?.[0] === '9007199254740993' || report.rows[0]?.[0] === 1).toBe(true)
})

test('a wrong number of values is a mistake of the caller', async () => {
  const query = await compiled(ORDERED)
  expect(() => finish(query, VALUES.slice(1))).toThrow('expected 20 revealed values, got 19')
})
