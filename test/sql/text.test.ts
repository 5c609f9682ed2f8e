/** Text columns: what may be asked of them, held against DuckDB over the same texts in the form in which they are compared. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runTwin } from '../../client/sdk/node/twin.ts'
import { type Column, type ColumnType, type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import { cologneCode } from '../../shared/data/text/cologne.ts'
import { areSimilar } from '../../shared/data/text/grams.ts'
import { encodeValue } from '../../shared/data/value.ts'
import { compile } from '../../shared/sql/compile.ts'
import { askTables } from './ask.ts'
import { answerOfReport, evaluated } from './logic/three-ways.ts'

const KEY = 'AAECAwQFBgcICQoLDA0ODw'
const name: ColumnType = { kind: 'text', key: KEY, folds: ['case', 'accents', 'space'] }
const sound: ColumnType = { ...name, sound: 'cologne' }
const ALL: Column['uses'] = ['filter', 'group', 'join', 'aggregate']
const column = (called: string, type: ColumnType, nullable = false): Column => ({
  name: called,
  type,
  nullable,
  visibility: 'secret',
  uses: ALL,
})
const PEOPLE: TableSchema = tableSchema.parse({
  table: 'people',
  columns: [
    column('name', name, true),
    column('sounds', sound, true),
    column('paid', { kind: 'integer', min: 0, max: 1000 }),
  ],
})
const LISTED: TableSchema = tableSchema.parse({
  table: 'listed',
  columns: [column('alias', name), column('level', { kind: 'integer', min: 0, max: 3 })],
  keys: [{ columns: ['alias'], rowsMax: 1 }],
})

type Text = string | null
type People = readonly (readonly [name: Text, sounds: Text, paid: number])[]
type Listed = readonly (readonly [alias: string, level: number])[]

const PEOPLE_ROWS: People = [
  ['Müller', 'Müller', 10],
  ['MULLER ', 'Miller', 20],
  ['Möller', 'Möller', 30],
  ['Ørsted', 'Ørsted', 40],
  ['orsted', 'orsted', 50],
  [null, null, 60],
  ['Meyer', 'Meyer', 70],
  ['Maier', 'Maier', 80],
  ['meyer', 'Mayr', 90],
]
const LISTED_ROWS: Listed = [
  ['muller', 1],
  ['Meyer', 2],
  ['nobody', 3],
]

const encoded = (schema: TableSchema, rows: readonly (readonly (Text | number)[])[]) => ({
  count: rows.length,
  valid: rows.map(() => true),
  columns: new Map(
    schema.columns.map(({ name: called, type }, at) => [
      called,
      rows.map(row => {
        const value = row[at]
        return value === null || value === undefined ? null : encodeValue(type, value)
      }),
    ]),
  ),
})
const sourceOf = (schema: TableSchema, rows: readonly (readonly (Text | number)[])[]) => {
  const quoted = (value: Text | number | undefined): string =>
    value === null || value === undefined ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`
  const lines = rows.map(row => `(${row.map(quoted).join()})`)
  const names = schema.columns.map(one => one.name).join()
  return {
    schema,
    sources: [{ select: `SELECT * FROM (VALUES ${lines.join()}) AS given(${names})` }],
  }
}

/** `theirs`: the statement for DuckDB, when its literals are to stand in the form in which they are compared. */
const both = async (
  sql: string,
  theirs = sql,
  people: People = PEOPLE_ROWS,
  listed: Listed = LISTED_ROWS,
): Promise<{ ours: unknown; twin: unknown }> => {
  const tables = [
    { schema: PEOPLE, rows: encoded(PEOPLE, people) },
    { schema: LISTED, rows: encoded(LISTED, listed) },
  ].filter(({ schema }) => new RegExp(`\\b${schema.table}\\b`).test(sql))
  const { report } = await askTables(sql, tables, 1)
  const twin = await runTwin([sourceOf(PEOPLE, people), sourceOf(LISTED, listed)], theirs)
  return {
    // What no row contributes to is not shown; DuckDB counts 0.
    ours: report.rows.map(row =>
      row.map(cell => (cell === null ? null : typeof cell === 'object' ? '0' : String(cell))),
    ),
    twin: twin.rows,
  }
}

test.each<readonly [sql: string, where?: string]>([
  ["SELECT COUNT(*) AS n, SUM(paid) AS total FROM people WHERE name = 'MÜLLER'", "name = 'muller'"],
  ["SELECT COUNT(*) AS n FROM people WHERE name <> 'Müller'", "name <> 'muller'"],
  ["SELECT COUNT(*) AS n FROM people WHERE name IN ('Müller', 'Meyer')", "name IN ('muller', 'meyer')"],
  ["SELECT COUNT(*) AS n FROM people WHERE sounds = 'Meier'", "sounds = '67'"],
  ['SELECT COUNT(*) AS n, COUNT(name) AS named FROM people WHERE name IS NULL OR paid > 40'],
  ['SELECT COUNT(DISTINCT name) AS names, COUNT(DISTINCT sounds) AS sounds FROM people'],
  [
    'SELECT COUNT(*) AS groups, MAX(n) AS most, SUM(total) AS total FROM (SELECT name, COUNT(*) AS n, SUM(paid) AS total FROM people GROUP BY name) AS g',
  ],
  ['SELECT COUNT(*) AS n, SUM(paid) AS total FROM people JOIN listed ON people.name = listed.alias'],
  ['SELECT COUNT(*) AS n, SUM(level) AS levels FROM people LEFT JOIN listed ON name = alias'],
  ['SELECT COUNT(*) AS n FROM people WHERE name IN (SELECT alias FROM listed)'],
  ['SELECT COUNT(*) AS n FROM people WHERE NOT EXISTS (SELECT 1 FROM listed WHERE alias = name)'],
])('%s', async (sql = '', where) => {
  const { ours, twin } = await both(
    sql,
    where === undefined ? sql : sql.replace(/WHERE .*/, `WHERE ${where}`),
  )
  expect(ours).toEqual(twin)
})

test('random texts in random spellings', async () => {
  const spelled = fc.constantFrom(
    'Anna',
    'ANNA',
    ' anna',
    'Änna',
    'Bert',
    'bert ',
    'Bért',
    'Zoë',
    'zoe',
    "d'Arc",
    'ß',
    'SS',
  )
  const people = fc.array(
    fc.tuple(fc.option(spelled), fc.option(spelled), fc.integer({ min: 0, max: 1000 })),
    { minLength: 1, maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(people, spelled, async (rows, wanted) => {
      const normal = wanted.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase().trim()
      const sql = (text: string): string =>
        `SELECT COUNT(*) AS n, COUNT(DISTINCT name) AS names, SUM(CASE WHEN name = '${text.replaceAll("'", "''")}' THEN 1 ELSE 0 END) AS hits FROM people`
      const { ours, twin } = await both(sql(wanted), sql(normal), rows)
      expect(ours).toEqual(twin)
    }),
    { numRuns: 8 },
  )
})

const refusal = async (sql: string, tables: readonly TableSchema[] = [PEOPLE, LISTED]): Promise<string> => {
  try {
    await compile(sql, { tables: tables.map(schema => ({ schema, rows: 10 })), minimumGroupSize: 1 })
  } catch (error) {
    return (error as Error).message
  }
  return 'not refused'
}
const otherKey = tableSchema.parse({
  table: 'listed',
  columns: [column('alias', { ...name, key: 'BAECAwQFBgcICQoLDA0ODw' })],
})
const unfolded = tableSchema.parse({ table: 'listed', columns: [column('alias', { ...name, folds: [] })] })

test.each([
  ['SELECT name, COUNT(*) FROM people GROUP BY name', /"name" is a text/],
  ['SELECT COUNT(*) FROM people GROUP BY name ORDER BY name', /"name" is a text/],
  ['SELECT name FROM people', /name/],
  [
    'SELECT SUM(paid) FROM (SELECT name AS n, paid FROM people ORDER BY name LIMIT 2) AS first',
    /Texts have no order here/,
  ],
  [
    'SELECT SUM(paid) FROM (SELECT name AS n, paid FROM people ORDER BY 1 LIMIT 2) AS first',
    /Texts have no order here/,
  ],
  [
    'SELECT SUM(p) FROM (SELECT paid AS p, ROW_NUMBER() OVER (PARTITION BY paid ORDER BY name) AS r FROM people) AS x WHERE r = 1',
    /Texts have no order here/,
  ],
  [
    'SELECT SUM(s) FROM (SELECT SUM(paid) OVER (ORDER BY name) AS s FROM people) AS x',
    /Texts have no order here/,
  ],
  ['SELECT COUNT(DISTINCT name) FILTER (WHERE paid > 1) FROM people', /FILTER of a text is not supported/],
  ["SELECT COUNT(*) FROM people WHERE name < 'M'", /Texts have no order here: < is refused/],
  ["SELECT COUNT(*) FROM people WHERE name BETWEEN 'A' AND 'M'", /no order/],
  ["SELECT COUNT(*) FROM people WHERE name LIKE 'M%'", /LIKE/],
  ["SELECT COUNT(*) FROM people WHERE name = '  '", /cannot be compared: empty text/],
  ['SELECT COUNT(*) FROM people WHERE name = 3', /text is compared with a number/],
  ['SELECT COUNT(*) FROM people WHERE name = sounds', /folded or keyed differently/],
  ['SELECT MAX(name) FROM people', /MAX of a text/],
  ['SELECT SUM(name) FROM people', /SUM of a text/],
  ['SELECT COUNT(*) FROM people WHERE name + 1 = 2', /./],
  ["SELECT COUNT(*) FROM people GROUP BY COALESCE(name, 'x')", /./],
])('%s is refused', async (sql, message) => {
  expect(await refusal(sql)).toMatch(message)
})

test.each([
  ['another key', otherKey],
  ['other folds', unfolded],
])('texts with %s do not join, compare or come below each other', async (_, other) => {
  const tables = [PEOPLE, other]
  expect(await refusal('SELECT COUNT(*) FROM people JOIN listed ON name = alias', tables)).toMatch(
    /types differ/,
  )
  expect(
    await refusal('SELECT COUNT(*) FROM people WHERE name IN (SELECT alias FROM listed)', tables),
  ).toMatch(/differ/)
  expect(
    await refusal(
      'SELECT COUNT(*) FROM (SELECT name FROM people UNION ALL SELECT alias FROM listed) AS u',
      tables,
    ),
  ).toMatch(/types differ/)
})

test('the disclosure says how texts are compared, and how sure that is', async () => {
  const { disclosure } = await compile('SELECT COUNT(DISTINCT sounds) AS n FROM people', {
    tables: [{ schema: PEOPLE, rows: 9000 }],
    minimumGroupSize: 5,
  })
  expect(disclosure.notes.filter(note => /text|sound/i.test(note))).toEqual([
    `Texts (people.sounds) are compared by keyed words of 60 bits: the chance that any two different texts are taken for the same is at most 1 in ${2n ** 61n / 100_000_000n}.`,
    'people.sounds: names that sound alike are the same (Cologne phonetics), so some that are written differently are too.',
  ])
})

test('a schema keeps texts secret and unshown, and its key has 16 bytes', () => {
  const issue = (changes: object): string =>
    tableSchema.safeParse({ table: 't', columns: [{ ...column('name', name), ...changes }] }).error
      ?.message ?? 'fine'
  expect(issue({})).toBe('fine')
  expect(issue({ visibility: 'public' })).toMatch(/a text column is secret/)
  expect(issue({ uses: ['show'] })).toMatch(/cannot be shown/)
  expect(issue({ type: { ...name, key: 'short' } })).toMatch(/16 random bytes/)
  expect(issue({ type: { ...name, folds: ['case', 'case'] } })).toMatch(/must differ/)
  expect(issue({ type: { ...name, sound: 'soundex' } })).toMatch(/cologne/)
})

const GRAMS: ColumnType = { kind: 'grams', key: KEY, folds: ['case', 'accents', 'space'] }
const grams = (called: string, nullable = false): Column => ({
  ...column(called, GRAMS, nullable),
  uses: ['filter'],
})
const FOUND: TableSchema = tableSchema.parse({
  table: 'found',
  columns: [
    column('sounds', sound),
    grams('spelt', true),
    column('born', { kind: 'integer', min: 1900, max: 2025 }),
  ],
})
const MISSING: TableSchema = tableSchema.parse({
  table: 'missing',
  columns: [column('sound', sound), grams('name')],
  keys: [{ columns: ['sound'], rowsMax: 3 }],
})
const found: readonly (readonly [string, Text, number])[] = [
  ['Schneider', 'Schneider', 1950],
  ['Schnieder', 'Schnieder', 1951],
  ['Schnaider', null, 1952],
  ['Meyer', 'Meyer', 1960],
  ['Meier', 'Meier', 1961],
  ['Petrov', 'Petrov', 1970],
]
const missing: readonly (readonly [string, string])[] = [
  ['Schneider', 'SCHNEIDER'],
  ['Schnyder', 'Schnyder'],
  ['Maier', 'Maier'],
  ['Kowalski', 'Kowalski'],
]

/** Hundredths of the Dice coefficient of what is shared, by the plain function. */
const plainlySimilar = (a: Text, b: Text, hundredths: number): boolean =>
  a !== null && b !== null && areSimilar(encodeValue(GRAMS, a), encodeValue(GRAMS, b), hundredths)
const asked = async (sql: string): Promise<unknown> => {
  const tables = [
    { schema: FOUND, rows: encoded(FOUND, found) },
    { schema: MISSING, rows: encoded(MISSING, missing) },
  ].filter(({ schema }) => new RegExp(`\\b${schema.table}\\b`).test(sql))
  const { report } = await askTables(sql, tables, 1)
  expect(answerOfReport(report)).toEqual(answerOfReport(await evaluated(sql, tables, 1)))
  return report.rows
}

test.each([40, 55, 70, 100])('names that sound alike and are similar to 0.%i', async hundredths => {
  const pairs = found.flatMap(([heard, spelt, born]) =>
    missing
      .filter(
        ([sounds, name]) =>
          cologneCode(heard) === cologneCode(sounds) && plainlySimilar(spelt, name, hundredths),
      )
      .map(() => born),
  )
  const rows = await asked(
    `SELECT COUNT(*) AS n, SUM(born) AS years FROM found JOIN missing ON sounds = sound AND SIMILARITY(spelt, name) >= ${hundredths / 100}`,
  )
  const years = pairs.reduce((sum, born) => sum + born, 0)
  expect(rows).toEqual(pairs.length === 0 ? [] : [[pairs.length, years]])
})

test.each([
  ["SIMILARITY(spelt, 'schneider') >= 0.6", (spelt: Text) => plainlySimilar(spelt, 'schneider', 60)],
  [
    "SIMILARITY(spelt, 'Mayer') < 0.9",
    (spelt: Text) => spelt !== null && !plainlySimilar(spelt, 'Mayer', 90),
  ],
  [
    "NOT (SIMILARITY(spelt, 'Meyer') >= 1)",
    (spelt: Text) => spelt !== null && !plainlySimilar(spelt, 'Meyer', 100),
  ],
])('%s', async (where, holds) => {
  const count = found.filter(([, spelt]) => holds(spelt)).length
  expect(await asked(`SELECT COUNT(*) AS n FROM found WHERE ${where}`)).toEqual([[count]])
})

test.each<readonly [counted: string, from: string, count: number]>([
  ["COUNT(*) FILTER (WHERE SIMILARITY(spelt, 'Meyer') >= 0.9)", 'found', 1],
  ['COUNT(*)', "(SELECT spelt AS s FROM found) AS x WHERE (SIMILARITY(s, 'Meyer') >= 0.9) IS NOT TRUE", 5],
  ['COUNT(*)', "(SELECT spelt AS s FROM found) AS x WHERE (SIMILARITY(s, 'Meyer') >= 0.9) IS NULL", 1],
  [
    'COUNT(*)',
    "(SELECT spelt AS s FROM found UNION ALL SELECT name AS s FROM missing) AS x WHERE SIMILARITY(s, 'Schneider') >= 1",
    2,
  ],
  ['COUNT(*)', "found WHERE sounds IN (SELECT sound FROM missing WHERE SIMILARITY(name, 'maier') >= 1)", 2],
])('similar, as %s FROM %s', async (counted, from, count) => {
  expect(await asked(`SELECT ${counted} AS n FROM ${from}`)).toEqual([[count]])
})

test.each([
  ["SIMILARITY(spelt, 'x') > 0.5", /compared with a threshold/],
  ["0.5 <= SIMILARITY(spelt, 'x')", /compared with a threshold/],
  ["SIMILARITY(spelt, 'x') >= 0.555", /at most two decimals/],
  ["SIMILARITY(spelt, 'x') >= 0", /from 0.01 to 1/],
  ["SIMILARITY(spelt, 'x') >= 1.5", /from 0.01 to 1/],
  ["SIMILARITY(spelt, 'x') >= born", /written out/],
  ['SIMILARITY(spelt) >= 0.5', /two arguments/],
  ['SIMILARITY(born, 3) >= 0.5', /bigram column/],
  ["SIMILARITY('x', spelt) >= 0.5", /no meaning here|bigram column/],
  ['SIMILARITY(sounds, spelt) >= 0.5', /bigram column/],
  ["SIMILARITY(spelt, ' ') >= 0.5", /empty text/],
  ["spelt = 'x'", /compared by SIMILARITY/],
])('%s is refused', async (where, message) => {
  expect(await refusal(`SELECT COUNT(*) FROM found WHERE ${where}`, [FOUND])).toMatch(message)
})

test('bigrams put no rows in order', async () => {
  expect(
    await refusal('SELECT SUM(b) FROM (SELECT spelt AS s, born AS b FROM found ORDER BY s LIMIT 2) AS q', [
      FOUND,
    ]),
  ).toMatch(/Texts have no order here/)
})

test('the disclosure says what similarity is', async () => {
  const { disclosure } = await compile("SELECT COUNT(*) FROM found WHERE SIMILARITY(spelt, 'x') >= 0.5", {
    tables: [{ schema: FOUND, rows: 100 }],
    minimumGroupSize: 5,
  })
  expect(disclosure.notes.filter(note => /bigram|Text/.test(note))).toEqual([
    expect.stringMatching(/^Spellings \(found\.spelt\) are compared as sets of bigrams at 54 places/),
  ])
})

test('bigrams are for similarity alone', () => {
  const uses = (given: Column['uses']): string =>
    tableSchema.safeParse({ table: 't', columns: [{ ...grams('name'), uses: given }] }).error?.message ??
    'fine'
  expect(uses(['filter'])).toBe('fine')
  for (const use of ['group', 'join', 'aggregate', 'show'] as const)
    expect(uses(['filter', use])).not.toBe('fine')
})
