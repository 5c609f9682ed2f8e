/** No value leaves (-2^60, 2^60): what is proven, and what is refused with the expression and the bound that broke it. */
import { expect, test } from 'vitest'
import type { TableSchema } from '../../shared/data/schema.ts'
import { compile } from '../../shared/sql/compile.ts'
import { ask } from './ask.ts'
import type { Rows } from './table.ts'

const BIG: TableSchema = {
  table: 't',
  columns: [
    {
      name: 'a',
      type: { kind: 'integer', min: '-1000000000', max: '1000000000' },
      nullable: false,
      visibility: 'secret',
      uses: ['filter', 'aggregate'],
    },
    {
      name: 'b',
      type: { kind: 'integer', min: 0, max: '1152921504606846' },
      nullable: false,
      visibility: 'secret',
      uses: ['filter', 'aggregate'],
    },
    {
      name: 'c',
      type: { kind: 'decimal', scale: 4, min: '10', max: '20' },
      nullable: true,
      visibility: 'secret',
      uses: ['filter', 'aggregate'],
    },
    {
      name: 'd',
      type: { kind: 'integer', min: 0, max: '999999999999999999' },
      nullable: false,
      visibility: 'public',
      uses: ['filter', 'aggregate'],
    },
  ],
}
const compiled = (sql: string, rows = 1000) =>
  compile(sql, { tables: [{ schema: BIG, rows }], minimumGroupSize: 5 })
const rangesOf = async (sql: string, rows = 1000) =>
  Object.fromEntries((await compiled(sql, rows)).ranges.map(({ what, low, high }) => [what, [low, high]]))

test('intervals follow the expression, exactly', async () => {
  expect(await rangesOf('SELECT SUM(a * 3 - 7), SUM(-c), SUM(a * c), COUNT(c) FROM t')).toEqual({
    'a * 3': ['-3000000000', '3000000000'],
    'a * 3 - 7': ['-3000000007', '2999999993'],
    'SUM(a * 3 - 7)': ['-3000000007000', '2999999993000'],
    '-c': ['-200000', '0'],
    'SUM(-c)': ['-200000000', '0'],
    'a * c': ['-200000000000000', '200000000000000'],
    'SUM(a * c)': ['-200000000000000000', '200000000000000000'],
    'COUNT(c)': ['0', '1000'],
  })
})

test('a nullable or padded value may also be 0', async () => {
  expect((await rangesOf('SELECT SUM(c + 1) FROM t'))['c + 1']).toEqual(['10000', '210000'])
})

test('the bound is sharp: one row more is refused', async () => {
  const rows = Number((2n ** 60n - 1n) / 1152921504606846n)
  await expect(compiled('SELECT SUM(b) FROM t', rows)).resolves.toBeDefined()
  await expect(compiled('SELECT SUM(b) FROM t', rows + 1)).rejects.toMatchObject({
    rule: 'range-exceeded',
    message: `SUM(b) may reach ${BigInt(rows + 1) * 1152921504606846n}, outside of (-2^60, 2^60) = ±1152921504606846976.`,
  })
})

test.each([
  ['SELECT SUM(a * a * a) FROM t', 'a * a * a may reach'],
  ['SELECT SUM(b + c) FROM t', 'b, times 10^4, may reach 11529215046068460000'],
  ['SELECT SUM(a * b) FROM t', 'a * b may reach'],
  ['SELECT COUNT(*) FROM t WHERE a * 1000000000 > b', 'Comparing a * 1000000000 > b'],
  ['SELECT COUNT(*) FROM t WHERE b > c', 'b, times 10^4'],
  ['SELECT SUM(CASE WHEN b > c THEN 1 END) FROM t', 'b, times 10^4'],
  ['SELECT COUNT(*) FROM t WHERE CASE WHEN b > c THEN 1 END IS NULL', 'b, times 10^4'],
  [
    'SELECT COUNT(*) FROM t HAVING SUM(a) > COUNT(*) * 1000000000000000',
    'Comparing SUM(a) > COUNT(*) * 1000000000000000: twice the difference may reach 2000002000000000001',
  ],
  ['SELECT COUNT(*) FROM t HAVING AVG(a) * AVG(a) > 3', 'may reach'],
  ['SELECT SUM(d) FROM t', 'SUM(d) may reach'],
])('%s is refused', async (sql, message) => {
  await expect(compiled(sql)).rejects.toMatchObject({ name: 'Refusal', rule: 'range-exceeded' })
  await expect(compiled(sql)).rejects.toThrow(message)
})

test('what is decided in the clear or from bits has no limit', async () => {
  await expect(
    compiled('SELECT COUNT(*) FROM t WHERE d * d > 3 AND b > 1000000000000'),
  ).resolves.toBeDefined()
})

test('values at the very ends of the proven range come out exactly', async () => {
  const rows: Rows = {
    count: 999,
    valid: new Array(999).fill(true),
    columns: new Map([
      ['a', new Array(999).fill(-1000000000n)],
      ['b', new Array(999).fill(1152921504606846n)],
      ['c', new Array(999).fill(200000n)],
      ['d', new Array(999).fill(999999999999999n)],
    ]),
  }
  const { report } = await ask(
    'SELECT SUM(b), SUM(a * c), AVG(b) FROM t WHERE a * c < -1999999999.9999 HAVING SUM(a * c) < -19979999999999.9999',
    rows,
    5,
    BIG,
  )
  expect(report.rows).toEqual([['1151768583102239154', '-19980000000000.0000', '1152921504606846.0000']])
})
