/** Text of others on a terminal, and amounts as bars. */
import { styleText } from 'node:util'
import { expect, test } from 'vitest'
import { harmless, wrap, wrapLines } from '../../client/cli/style.ts'
import { bar, reportCsv, reportTable } from '../../client/cli/table.ts'
import { byteCount } from '../../shared/base/byte-count.ts'
import type { Report } from '../../shared/sql/finish.ts'

test('nothing from others moves, hides or reorders what is read', () => {
  for (const trick of [
    '\u001b[2J',
    '\u001b[8m',
    '\u001b]0;x\u0007',
    '\r',
    '\u202e',
    '\u2066',
    '\u009b31m',
    '\u0000',
  ])
    expect(harmless(`a${trick}b`)).not.toContain(trick)
  const ours = `${styleText('green', 'ok', { validateStream: false })}\n\tnext: Žluťoučký 数字`
  expect(harmless(ours)).toBe(ours)
})

test('a bar is as long as its share, and the smallest amount still shows', () => {
  expect(bar(1, 10)).toBe('█'.repeat(10))
  expect(bar(0.5, 10)).toBe('█'.repeat(5))
  expect(bar(0.0001, 10)).toBe('▏')
  expect(bar(0, 10)).toBe('')
})

const report: Report = {
  columns: [
    { name: 'who', type: 'category', scale: 0 },
    { name: 'n', type: 'integer', scale: 0 },
    { name: 'mean', type: 'decimal', scale: 2 },
  ],
  rows: [
    ['a, "b"', 1234567, '-0.50'],
    [null, 5, { suppressed: true }],
  ],
  keys: ['who'],
  suppressedGroups: [['c']],
  counts: { shown: 2, suppressed: 1 },
}

test('a report as a table: separators, NULL, suppressed, and how many groups are not shown', () => {
  const text = reportTable(report)
  expect(text).toMatch(/1,234,567 +█+/)
  expect(text).toMatch(/NULL +5 +▏ +suppressed/)
  expect(text).toContain('1 of 3 groups are suppressed')
  expect(reportTable(report, { suppressed: true })).toContain('who c')
  expect(reportTable(report, { rowsMax: 1 })).toContain('1 more rows')
})

test('a report as CSV: quoted where needed, empty for NULL and suppressed', () => {
  expect(reportCsv(report)).toBe('who,n,mean\n"a, ""b""",1234567,-0.50\n,5,\n')
})

test('counts of bytes and wrapped words', () => {
  expect([0, 999, 1536, 10_000_000].map(byteCount)).toEqual(['0 B', '999 B', '1.5 kB', '10 MB'])
  expect(wrap('aa bb cc', 5, '  ')).toBe('aa bb\n  cc')
  expect(wrapLines('aa\n  bb cc dd', 9)).toBe('aa\n  bb cc\n    dd')
})
