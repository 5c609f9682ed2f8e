import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDate, formatScaled, parseDate, parseScaled } from '../../shared/data/exact.ts'
import { type ColumnType, columnWidth, rangeOf, tableSchema } from '../../shared/data/schema.ts'
import { decodeValue, encodeValue } from '../../shared/data/value.ts'
import { anySchema } from './arbitrary.ts'

test('decimals are exact in both directions at any size', () => {
  fc.assert(
    fc.property(fc.bigInt(-(1n << 100n), 1n << 100n), fc.integer({ min: 0, max: 18 }), (value, scale) => {
      expect(parseScaled(formatScaled(value, scale), scale)).toBe(value)
    }),
  )
  expect(formatScaled(-5n, 2)).toBe('-0.05')
  expect(parseScaled('1152921504606846975', 0)).toBe((1n << 60n) - 1n)
  expect(parseScaled('-11529215046068469.75', 2)).toBe(1n - (1n << 60n))
  expect(parseScaled('9007199254740993.01', 2)).toBe(900719925474099301n)
  expect(parseScaled('0.1', 18)).toBe(10n ** 17n)
})

test('numbers are read strictly', () => {
  for (const [text, value] of [
    ['+5', 500n],
    ['.5', 50n],
    ['5.', 500n],
    ['5.100000', 510n],
    ['-0', 0n],
    ['007', 700n],
  ] as const)
    expect(parseScaled(text, 2)).toBe(value)
  for (const text of [
    '',
    '.',
    '-',
    '1e3',
    '1,5',
    '1 5',
    '0x10',
    'NaN',
    'Infinity',
    '--1',
    '١',
    '1'.repeat(65),
  ])
    expect(parseScaled(text, 2)).toBe('not a number')
  expect(parseScaled('1.005', 2)).toBe('too many decimals')
})

test('dates are days of the calendar', () => {
  fc.assert(
    fc.property(fc.bigInt(-719_528n, 2_932_896n), days => {
      expect(parseDate(formatDate(days))).toBe(days)
    }),
  )
  expect(parseDate('1970-01-01')).toBe(0n)
  expect(parseDate('2024-02-29')).toBe(19_782n)
  for (const text of ['2023-02-29', '2024-13-01', '2024-1-1', '24-01-01', '2024-01-01T00:00:00', ''])
    expect(parseDate(text)).toBeUndefined()
})

test('values decode to what was encoded', () => {
  fc.assert(
    fc.property(
      anySchema.chain(schema => {
        const { type } = schema.columns[0] ?? expect.unreachable()
        const { low, high } = rangeOf(type)
        return fc.tuple(fc.constant(type), fc.oneof(fc.constantFrom(low, high), fc.bigInt(low, high)))
      }),
      ([type, value]) => {
        expect(encodeValue(type, decodeValue(type, value))).toBe(value)
      },
    ),
  )
})

test('sources write booleans and dates in several ways', () => {
  const date: ColumnType = { kind: 'date', min: '2000-01-01', max: '2030-12-31' }
  for (const value of [
    '2024-02-29',
    '2024-02-29 00:00:00',
    '2024-02-29T00:00:00.000Z',
    new Date('2024-02-29'),
  ])
    expect(encodeValue(date, value)).toBe(19_782n)
  for (const value of ['2024-02-29 12:00:00', '29.02.2024', '1999-12-31', new Date(Number.NaN)])
    expect(() => encodeValue(date, value)).toThrow('not accepted')
  for (const value of [true, 'true', 'TRUE', 't', 1, 1n, '1'])
    expect(encodeValue({ kind: 'boolean' }, value)).toBe(1n)
  for (const value of [false, 'false', 'f', 0, '0']) expect(encodeValue({ kind: 'boolean' }, value)).toBe(0n)
  for (const value of ['yes', '', 2])
    expect(() => encodeValue({ kind: 'boolean' }, value)).toThrow('not a boolean')
})

test('the width is that of the range', () => {
  const width = (type: ColumnType): number =>
    columnWidth({ name: 'c', type, nullable: false, visibility: 'secret', uses: [] })
  expect(width({ kind: 'integer', min: 0, max: 127 })).toBe(7)
  expect(width({ kind: 'integer', min: -1, max: 127 })).toBe(8)
  expect(width({ kind: 'integer', min: 5, max: 5 })).toBe(1)
  expect(width({ kind: 'decimal', scale: 2, min: '0', max: '100000.00' })).toBe(24)
  expect(width({ kind: 'category', values: ['a', 'b', 'c'] })).toBe(2)
  expect(width({ kind: 'integer', min: `${1n - (1n << 60n)}`, max: `${(1n << 60n) - 1n}` })).toBe(61)
})

test('a schema that cannot be computed with is refused', () => {
  const good = {
    name: 'c',
    type: { kind: 'integer', min: 0, max: 9 },
    nullable: false,
    visibility: 'secret',
    uses: ['filter'],
  }
  const accepts = (change: object): boolean =>
    tableSchema.safeParse({ table: 't', columns: [{ ...good, ...change }] }).success
  expect(accepts({})).toBe(true)
  expect(tableSchema.safeParse({ table: 't', columns: [good, good] }).success).toBe(false)
  expect(tableSchema.safeParse({ table: 't', columns: [] }).success).toBe(false)
  for (const type of [
    { kind: 'integer', min: 2, max: 1 },
    { kind: 'integer', min: 0, max: 2 ** 53 },
    { kind: 'integer', min: 0, max: `${1n << 60n}` },
    { kind: 'integer', min: 0.5, max: 1 },
    { kind: 'decimal', scale: 2, min: '0', max: '1.001' },
    { kind: 'decimal', scale: 2, min: 0, max: 1 },
    { kind: 'decimal', scale: 19, min: '0', max: '1' },
    { kind: 'decimal', scale: 18, min: '0', max: '2' },
    { kind: 'date', min: '2023-02-29', max: '2024-01-01' },
    { kind: 'category', values: ['a', 'a'] },
    { kind: 'category', values: [] },
    { kind: 'boolean', min: 0 },
    { kind: 'text' },
  ])
    expect(accepts({ type }), JSON.stringify(type)).toBe(false)
  for (const change of [
    { name: 'Pay' },
    { name: 'a b' },
    { name: 'a|b' },
    { uses: ['sum'] },
    { uses: ['filter', 'filter'] },
    { more: 1 },
  ])
    expect(accepts(change), JSON.stringify(change)).toBe(false)
})
