import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quoteText, withDuckDb } from '../../client/sdk/node/duckdb.ts'
import { readSource, type Source } from '../../client/sdk/node/source.ts'
import { runTwin } from '../../client/sdk/node/twin.ts'
import { InputError } from '../../shared/base/errors.ts'
import { tableSchema } from '../../shared/data/schema.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'source-'))
})
afterAll(() => rm(folder, { recursive: true }))

const written = async (name: string, text: string): Promise<string> => {
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}
/** Everything an InputError says, also to a logger that prints all of it. */
const failure = async (source: Source): Promise<{ error: InputError; said: string }> => {
  const error = await readSource(source).then(
    () => expect.unreachable('the source was read'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof InputError)) throw error
  return { error, said: JSON.stringify([error.message, error.hint, error.where, String(error.cause)]) }
}

test('a CSV keeps every field as it was written', async () => {
  const file = await written(
    'plain.csv',
    'a,b,c\n007,"x, ""y""",1e5\n,"",2024-01-01\n 1.50 ,true,9007199254740993.01\n',
  )
  expect(await readSource({ file })).toEqual({
    names: ['a', 'b', 'c'],
    columns: [
      ['007', null, ' 1.50 '],
      ['x, "y"', null, 'true'],
      ['1e5', '2024-01-01', '9007199254740993.01'],
    ],
  })
  expect(await readSource({ file, columns: ['c', 'no', 'a'] })).toMatchObject({ names: ['c', 'a'] })
})

test('separators are read off the header, and quotes in a path do no harm', async () => {
  for (const delimiter of [',', ';', '\t', '|']) {
    const file = await written(
      `it's [1] "${delimiter.codePointAt(0)}".csv`,
      `a${delimiter}b\n1${delimiter}2\n`,
    )
    expect(await readSource({ file })).toEqual({ names: ['a', 'b'], columns: [['1'], ['2']] })
  }
  const windows = await written('windows.csv', '\uFEFF"a ""1"", x",b\r\n1,"2\n3"\r\n')
  expect(await readSource({ file: windows })).toEqual({
    names: ['a "1", x', 'b'],
    columns: [['1'], ['2\n3']],
  })
  for (const header of ['a,a', 'a,', ''])
    expect((await failure({ file: await written('header.csv', `${header}\n1,2\n`) })).error.where).toContain(
      'line 1',
    )
  expect(await readSource({ file: await written('one.csv', 'a\n1\n2\n') })).toEqual({
    names: ['a'],
    columns: [['1', '2']],
  })
  expect(await readSource({ file: await written('none.csv', 'a,b\n') })).toEqual({
    names: ['a', 'b'],
    columns: [[], []],
  })
})

test('a malformed CSV is refused with its line, wherever it is, and without its content', async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => `${i},x`)
  for (const [name, lines, line] of [
    ['early.csv', ['a,b', '1,2', 'canary'], 3],
    ['more.csv', ['a,b', '1,2,canary', '1,2'], 2],
    ['late.csv', ['a,b', ...rows, 'canary', '1,2'], 30_002],
  ] as const) {
    const { error, said } = await failure({ file: await written(name, `${lines.join('\n')}\n`) })
    expect(error.where, said).toContain(`line ${line}`)
    expect(said).not.toContain('canary')
  }
})

test('JSON numbers keep all their digits', async () => {
  const columns = [
    ['12345678901234567.89', '1.10', null],
    [null, 'true', 'x'],
  ]
  const rows = '{"a":12345678901234567.89,"b":null}\n{"a":1.10,"b":true}\n{"b":"x"}\n'
  for (const file of [
    await written('rows.jsonl', rows),
    await written('rows.json', `[${rows.trim().replaceAll('\n', ',')}]`),
  ])
    expect(await readSource({ file })).toEqual({ names: ['a', 'b'], columns })
  for (const text of ['{"a":canary}', '[{"a":1},"canary"]', '{"a":{"b":"canary"}}']) {
    const { said } = await failure({ file: await written('bad.json', text) })
    expect(said).not.toContain('canary')
  }
})

test('Parquet and SELECTs give text too', async () => {
  const file = join(folder, 'typed.parquet')
  const select = `SELECT DATE '2024-02-29' AS day, 12.50::DECIMAL(9,2) AS pay, true AS yes, NULL::INTEGER AS nothing`
  await withDuckDb(connection => connection.run(`COPY (${select}) TO ${quoteText(file)}`))
  const expected = {
    names: ['day', 'pay', 'yes', 'nothing'],
    columns: [['2024-02-29'], ['12.50'], ['true'], [null]],
  }
  expect(await readSource({ file })).toEqual(expected)
  expect(await readSource({ select: `${select}; ` })).toEqual(expected)
  expect(await readSource({ select: `FROM read_parquet(${quoteText(file)}) -- all of it` })).toEqual(expected)
})

test('what cannot be read is said plainly, and never with a cell', async () => {
  const missing = await failure({ file: join(folder, 'missing.csv') })
  expect(missing.error.message).toContain('No such file')
  expect((await failure({ file: join(folder, 'missing.parquet') })).error.message).toContain('No such file')
  expect((await failure({ file: join(folder, 'missing.json') })).error.message).toContain('No such file')
  expect((await failure({ file: await written('rows.xyz', 'a') })).error.hint).toContain('.csv')
  expect((await failure({ file: await written('empty.csv', '') })).error.message).toContain('empty')
  expect((await failure({ file: await written('broken.parquet', 'canary') })).said).not.toContain('canary')
  expect((await failure({ select: 'SELEC 1' })).error.message).toContain('syntax error')
  expect((await failure({ select: 'SELECT pay FROM nowhere' })).error.message).toContain('nowhere')
  expect((await failure({ select: 'SELECT 1; SELECT 2' })).error.message).toContain('syntax error')

  const file = await written('text.csv', 'a\ncanary\n')
  const { error, said } = await failure({ select: `SELECT a::INTEGER AS a FROM ${quoteText(file)}` })
  expect(error.message).toContain('Conversion Error')
  expect(said).not.toContain('canary')
})

test('the plaintext twin pools owners and computes exactly', async () => {
  const schema = tableSchema.parse({
    table: 'pay',
    columns: [
      {
        name: 'site',
        type: { kind: 'category', values: ['a', 'b'] },
        nullable: false,
        visibility: 'public',
        uses: [],
      },
      {
        name: 'amount',
        type: { kind: 'decimal', scale: 2, min: '-99999999999999.99', max: '99999999999999.99' },
        nullable: true,
        visibility: 'secret',
        uses: [],
      },
    ],
  })
  const first = await written('first.csv', 'amount,site\n99999999999999.99,a\n99999999999999.98,a\n,b\n')
  const sources = [{ file: first }, { select: `SELECT 'b' AS site, -0.05 AS amount` }]
  const sql = `SELECT site, COUNT(*) AS n, SUM(amount) AS total,
    rounded_quotient(unscaled(SUM(amount)) * 10, COUNT(amount)) AS mean_times_1000
    FROM pay GROUP BY site ORDER BY site`
  expect(await runTwin([{ schema, sources }], sql)).toEqual({
    names: ['site', 'n', 'total', 'mean_times_1000'],
    rows: [
      ['a', '2', '199999999999999.97', '99999999999999985'],
      ['b', '2', '-0.05', '-50'],
    ],
  })
  const halves = await runTwin(
    [],
    'SELECT rounded_quotient(5, 2), rounded_quotient(-5, 2), rounded_quotient(4, 3), unscaled(-0.05)',
  )
  expect(halves.rows).toEqual([['3', '-3', '1', '-5']])
})
