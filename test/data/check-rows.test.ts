import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkRows } from '../../shared/data/check-rows.ts'
import { type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import { decodeValue, encodeValue, type RawValue } from '../../shared/data/value.ts'
import { schemaAndColumns } from './arbitrary.ts'

const schema: TableSchema = tableSchema.parse({
  table: 't',
  columns: [
    {
      name: 'n',
      type: { kind: 'integer', min: 0, max: 100 },
      nullable: true,
      visibility: 'secret',
      uses: [],
    },
    {
      name: 'pay',
      type: { kind: 'decimal', scale: 2, min: '0', max: '100' },
      nullable: false,
      visibility: 'secret',
      uses: [],
    },
    {
      name: 'day',
      type: { kind: 'date', min: '2000-01-01', max: '2020-12-31' },
      nullable: false,
      visibility: 'secret',
      uses: [],
    },
    { name: 'full', type: { kind: 'boolean' }, nullable: false, visibility: 'public', uses: [] },
    {
      name: 'kind',
      type: { kind: 'category', values: ['a', 'b'] },
      nullable: false,
      visibility: 'secret',
      uses: [],
    },
  ],
})
const good = { n: '7', pay: '1.5', day: '2010-05-05', full: 'true', kind: 'b' }
const names = Object.keys(good)
const table = (rows: readonly Record<string, RawValue | null>[]) => ({
  names,
  columns: names.map(name => rows.map(row => row[name] ?? null)),
})
const brief = (rows: readonly Record<string, RawValue | null>[]) => {
  const checked = checkRows(schema, table(rows))
  return checked.ok
    ? []
    : checked.violations.map(({ row, column, problem }) => `${row} ${column}: ${problem}`)
}

test('rows that fit come out encoded, in the order of the schema', () => {
  fc.assert(
    fc.property(schemaAndColumns, ([anySchema, columns]) => {
      const source = {
        names: anySchema.columns.map(column => column.name).reverse(),
        columns: columns
          .map((cells, c) => {
            const { type } = anySchema.columns[c] ?? expect.unreachable()
            return cells.map(cell => (cell === null ? null : decodeValue(type, cell)))
          })
          .reverse(),
      }
      expect(checkRows(anySchema, source)).toEqual({ ok: true, rows: columns[0]?.length, columns })
    }),
    { numRuns: 60 },
  )
})

test('every violation is listed, with row and column', () => {
  expect(brief([good, { ...good, n: null }])).toEqual([])
  expect(
    brief([
      { ...good, n: '101', pay: '1.005' },
      { ...good, n: 'x', day: '2021-01-01' },
      { n: '1.5', pay: null, day: '2010-02-30', full: 'maybe', kind: 'A' },
    ]),
  ).toEqual([
    '1 n: out of range',
    '2 n: not a number',
    '3 n: too many decimals',
    '1 pay: too many decimals',
    '3 pay: NULL in a column that is not nullable',
    '2 day: out of range',
    '3 day: not a date',
    '3 full: not a boolean',
    '3 kind: unknown category',
  ])
})

test('columns that are missing, unknown or repeated are violations too', () => {
  const checked = checkRows(schema, {
    names: ['n', 'pay', 'day', 'full', 'salary', 'n'],
    columns: [['1'], ['x'], ['2010-05-05'], ['t'], ['9'], ['2']],
  })
  expect(checked).toMatchObject({
    ok: false,
    violations: [
      { row: 1, column: 'pay', problem: 'not a number' },
      { row: null, column: 'kind', problem: 'missing column' },
      { row: null, column: 'salary', problem: 'extra column' },
      { row: null, column: 'n', problem: 'repeated column' },
    ],
  })
})

test('what a cell held is never repeated', () => {
  const canary = fc.string({ minLength: 3, maxLength: 12 }).map(text => `canary-${text}`)
  fc.assert(
    fc.property(canary, fc.constantFrom(...names), (value, column) => {
      const checked = checkRows(schema, table([{ ...good, [column]: value }]))
      expect(checked).toMatchObject({ ok: false, violations: [{ row: 1, column }] })
      expect(JSON.stringify(checked)).not.toContain('canary-')
      const { type } = schema.columns.find(({ name }) => name === column) ?? expect.unreachable()
      try {
        encodeValue(type, value)
        expect.unreachable()
      } catch (error) {
        expect(JSON.stringify([error, String(error), (error as Error).stack?.split('\n')[0]])).not.toContain(
          'canary-',
        )
      }
    }),
  )
  // Numbers out of range are values too.
  const checked = checkRows(schema, table([{ ...good, n: '918273', pay: '918273.5' }]))
  expect(JSON.stringify(checked)).not.toContain('918273')
})
