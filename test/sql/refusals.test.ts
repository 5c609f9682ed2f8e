/** What is refused: every construct outside of the subset by name and place, names that do not exist, uses not allowed. */
import { expect, test } from 'vitest'
import { InputError, Refusal } from '../../shared/base/errors.ts'
import { compile } from '../../shared/sql/compile.ts'
import { PAY } from './table.ts'

const failureOf = async (sql: string): Promise<InputError | Refusal> => {
  try {
    await compile(sql, { tables: [{ schema: PAY, rows: 1000 }], minimumGroupSize: 5 })
  } catch (error) {
    if (error instanceof InputError || error instanceof Refusal) return error
    throw error
  }
  throw new Error(`accepted: ${sql}`)
}

/** Query, what the message names, and the place. */
const REFUSED: readonly (readonly [string, string, string | undefined])[] = [
  // Whole statements and clauses
  ['', 'empty', undefined],
  ['-- nothing', 'no statement', undefined],
  ['SELECT FROM pay GROUP', 'syntax error', 'line 1, column 22'],
  ['SELECT COUNT(*)\nFROM pay\nWHERE hours ==', 'syntax error', 'line 3, column 15'],
  ["SELECT 'é' 'b' FROM pay", 'syntax error', 'line 1, column 12'],
  ['SELECT COUNT(*) FROM pay; SELECT COUNT(*) FROM pay', 'Several statements', 'line 1, column 27'],
  ['DELETE FROM pay', 'DELETE', 'line 1, column 1'],
  ['CREATE TABLE a (b int)', 'CREATE', 'line 1, column 1'],
  ['SELECT COUNT(*) FROM pay UNION SELECT COUNT(*) FROM pay', 'UNION', 'line 1, column 26'],
  ['SELECT COUNT(*) FROM pay INTERSECT ALL SELECT COUNT(*) FROM pay', 'INTERSECT', 'line 1, column 26'],
  ['VALUES (1)', 'VALUES', 'line 1, column 1'],
  ['SELECT COUNT(*) INTO x FROM pay', 'SELECT INTO', 'line 1, column 17'],
  ['SELECT COUNT(*) FROM pay FOR UPDATE', 'FOR UPDATE', 'line 1, column 26'],
  ['SELECT COUNT(*) FROM pay WINDOW w AS (ORDER BY hours)', 'WINDOW', 'line 1, column 26'],
  ['SELECT COUNT(*) FROM pay ORDER BY 1 FETCH FIRST 1 ROW WITH TIES', 'WITH TIES', 'line 1, column 60'],
  ['SELECT country FROM pay GROUP BY DISTINCT country', 'GROUP BY DISTINCT', 'line 1, column 25'],

  // FROM
  ['SELECT COUNT(*)', 'no FROM', 'line 1, column 1'],
  ['SELECT COUNT(*) FROM pay, pay b', 'no bound', undefined],
  ['SELECT COUNT(*) FROM pay JOIN other ON true', 'no table "other"', 'line 1, column 31'],
  ['SELECT COUNT(*) FROM (SELECT 1) t', 'no FROM', 'line 1, column 1'],
  ['SELECT COUNT(*) FROM generate_series(1, 2)', 'function in FROM', 'line 1, column 22'],
  ['SELECT COUNT(*) FROM pay TABLESAMPLE system(1)', 'TABLESAMPLE', 'line 1, column 22'],
  ['SELECT COUNT(*) FROM hr.pay', 'table name with a schema', 'line 1, column 22'],
  ['SELECT COUNT(*) FROM ONLY pay', 'ONLY', 'line 1, column 27'],
  ['SELECT COUNT(*) FROM pay p(a, b)', 'Renaming columns', 'line 1, column 22'],
  ['SELECT COUNT(*) FROM payy', 'no table "payy"', 'line 1, column 22'],

  // SELECT
  ['SELECT * FROM pay', 'SELECT *', 'line 1, column 8'],
  ['SELECT pay.* FROM pay', 'SELECT *', 'line 1, column 8'],
  ['SELECT salary, COUNT(*) FROM pay', '"salary" must appear in GROUP BY', 'line 1, column 8'],
  ['SELECT 1 FROM pay', 'constant in SELECT', 'line 1, column 8'],
  ['SELECT FROM pay', 'SELECT shows nothing', 'line 1, column 1'],
  ['SELECT (SELECT 1) FROM pay', 'no FROM', 'line 1, column 1'],
  ['SELECT hours - (SELECT hours FROM pay) FROM pay', 'a value of one row', 'line 1, column 16'],
  ['SELECT SUM(ABS(hours) FILTER (WHERE remote)) FROM pay', 'FILTER', 'line 1, column 12'],
  ['SELECT AVG(hours) OVER () FROM pay', 'window function AVG', 'line 1, column 8'],
  ['SELECT SUM(hours ORDER BY hours) FROM pay', 'ORDER BY inside', 'line 1, column 8'],
  ['SELECT SUM(*) FROM pay', 'SUM(*)', 'line 1, column 8'],
  ['SELECT SUM(hours, bonus) FROM pay', 'one argument', 'line 1, column 8'],
  ['SELECT SUM(SUM(hours)) FROM pay', 'another aggregate', 'line 1, column 12'],
  ['SELECT SUM(gender) FROM pay', 'SUM of a category', 'line 1, column 8'],
  ['SELECT AVG(hired) FROM pay', 'AVG of a date', 'line 1, column 8'],
  ['SELECT SUM(remote) FROM pay', 'SUM of a boolean', 'line 1, column 8'],

  // Expressions
  ['SELECT SUM(hours / 2) FROM pay', 'operator /', 'line 1, column 18'],
  ['SELECT SUM(hours % 2) FROM pay', 'operator %', 'line 1, column 18'],
  ['SELECT SUM(hours > 2) FROM pay', 'condition as a value', 'line 1, column 18'],
  ['SELECT COUNT(hours IS NULL) FROM pay', 'condition as a value', 'line 1, column 14'],
  ['SELECT SUM(GREATEST(bonus, 0)) FROM pay', 'GREATEST', 'line 1, column 12'],
  ['SELECT SUM(hours::bigint) FROM pay', 'cast to INT8', 'line 1, column 12'],
  ["SELECT SUM('3'::int) FROM pay", 'cast to INT4', 'line 1, column 12'],
  ['SELECT SUM($1) FROM pay', 'parameter', 'line 1, column 12'],
  ['SELECT SUM(gender + 1) FROM pay', 'category is no number', 'line 1, column 12'],
  ['SELECT SUM(hired + hired) FROM pay', 'do not fit dates', 'line 1, column 18'],
  ['SELECT COUNT(hired + salary) FROM pay', 'do not fit dates', 'line 1, column 20'],
  ["SELECT COUNT(CASE WHEN remote THEN 'a' END) FROM pay", 'text literal', 'line 1, column 36'],
  ['SELECT COUNT(CASE WHEN remote THEN gender END) FROM pay', 'category results', 'line 1, column 14'],
  ['SELECT COUNT(CASE WHEN remote THEN 1 ELSE hired END) FROM pay', 'different types', 'line 1, column 14'],
  ['SELECT SUM(1e100) FROM pay', 'number 1e100', 'line 1, column 12'],
  ['SELECT SUM(ROW(1, 2)) FROM pay', 'row value', 'line 1, column 12'],
  ['SELECT SUM(ARRAY[1]) FROM pay', 'ARRAY', 'line 1, column 12'],

  // WHERE
  ["SELECT COUNT(*) FROM pay WHERE gender ~ 'f'", 'operator ~', 'line 1, column 39'],
  [
    'SELECT COUNT(*) FROM pay WHERE hours + 1 IN (SELECT hours FROM pay)',
    'anything but a column',
    'line 1, column 32',
  ],
  [
    'SELECT COUNT(*) FROM pay WHERE EXISTS (SELECT COUNT(*) FROM pay b)',
    'EXISTS without an equality',
    'line 1, column 32',
  ],
  ['SELECT COUNT(*) FROM pay WHERE hours = ANY (ARRAY[1])', 'ANY', 'line 1, column 38'],
  ['SELECT COUNT(*) FROM pay WHERE hours IS DISTINCT FROM 3', 'IS DISTINCT FROM', 'line 1, column 38'],
  [
    'SELECT COUNT(*) FROM pay WHERE hours BETWEEN SYMMETRIC 3 AND 1',
    'BETWEEN SYMMETRIC',
    'line 1, column 38',
  ],
  ['SELECT COUNT(*) FROM pay WHERE hired < CURRENT_DATE', 'CURRENT_DATE', 'line 1, column 40'],
  ['SELECT COUNT(*) FROM pay WHERE COUNT(*) > 3', 'aggregate cannot stand in WHERE', 'line 1, column 32'],
  ['SELECT COUNT(*) FROM pay WHERE hours', 'condition is expected', 'line 1, column 32'],
  ['SELECT COUNT(*) FROM pay WHERE hours + 1', 'condition is expected', 'line 1, column 32'],
  ["SELECT COUNT(*) FROM pay WHERE hours = '3'", 'text is compared with a number', 'line 1, column 40'],
  ["SELECT COUNT(*) FROM pay WHERE gender < 'f'", 'Categories have no order', 'line 1, column 39'],
  ['SELECT COUNT(*) FROM pay WHERE remote > TRUE', 'Booleans have no order', 'line 1, column 39'],
  ['SELECT COUNT(*) FROM pay WHERE remote = 1', 'boolean is compared with a number', 'line 1, column 39'],
  ['SELECT COUNT(*) FROM pay WHERE hired > 3', 'date is compared with a number', 'line 1, column 38'],
  ["SELECT COUNT(*) FROM pay WHERE hired > '2020-02-30'", "'2020-02-30' is not a date", 'line 1, column 40'],
  ["SELECT COUNT(*) FROM pay WHERE gender = 'male'", "no value 'male'", 'line 1, column 41'],
  ['SELECT COUNT(*) FROM pay WHERE gender = country', 'different value lists', 'line 1, column 39'],
  ["SELECT COUNT(*) FROM pay WHERE hired > TIMESTAMP '2020-01-01'", 'cast to TIMESTAMP', 'line 1, column 40'],
  [
    "SELECT COUNT(*) FROM pay WHERE hired > DATE '2020-01-01' + INTERVAL '1 day'",
    'cast to INTERVAL',
    'line 1, column 60',
  ],
  ['SELECT COUNT(*) FROM pay WHERE (hours, bonus) = (1, 2)', 'row value', 'line 1, column 32'],
  ['SELECT COUNT(*) FROM pay WHERE grades = 1', 'no column "grades"', 'line 1, column 32'],
  ['SELECT COUNT(*) FROM pay WHERE staff.grade = 1', '"staff" is not a table', 'line 1, column 32'],
  ['SELECT COUNT(*) FROM pay p WHERE pay.grade = 1', '"pay" is not a table', 'line 1, column 34'],

  // GROUP BY, HAVING, ORDER BY, LIMIT
  ['SELECT COUNT(*) FROM pay GROUP BY 2', 'position 2', 'line 1, column 35'],
  ['SELECT COUNT(*) FROM pay GROUP BY 1', 'cannot stand in WHERE', 'line 1, column 8'],
  ['SELECT COUNT(*) FROM pay GROUP BY GROUPING SETS ((grade), ())', 'GROUPING SETS', 'line 1, column 35'],
  ['SELECT COUNT(*) FROM pay GROUP BY ROLLUP (grade)', 'ROLLUP', 'line 1, column 35'],
  ['SELECT COUNT(*) FROM pay GROUP BY gradd', 'no column "gradd"', 'line 1, column 35'],
  ['SELECT COUNT(*) FROM pay HAVING grade > 1', '"grade" must be a GROUP BY key', 'line 1, column 33'],
  ['SELECT COUNT(*) FROM pay HAVING SUM(salary) IS NULL', 'IS NULL on an aggregate', 'line 1, column 33'],
  [
    'SELECT COUNT(*) FROM pay HAVING CASE WHEN COUNT(*) > 1 THEN 1 END > 0',
    'CASE in HAVING',
    'line 1, column 33',
  ],
  ['SELECT COUNT(*) FROM pay HAVING SUM(hours) / COUNT(*) > 1', 'operator /', 'line 1, column 44'],
  ['SELECT COUNT(*) FROM pay ORDER BY salary', 'not shown', 'line 1, column 35'],
  ['SELECT COUNT(*) FROM pay ORDER BY SUM(hours)', 'not shown', 'line 1, column 35'],
  ['SELECT COUNT(*) FROM pay ORDER BY 2', 'position 2', 'line 1, column 35'],
  ['SELECT COUNT(*) FROM pay ORDER BY 1 USING <', 'USING', 'line 1, column 35'],
  ['SELECT COUNT(*) FROM pay LIMIT 1 + 1', 'LIMIT takes', 'line 1, column 32'],
  ['SELECT COUNT(*) FROM pay LIMIT -1', 'LIMIT takes', 'line 1, column 32'],
  ['SELECT COUNT(*) FROM pay OFFSET 1.5', 'OFFSET takes', 'line 1, column 33'],
]

test.each(REFUSED)('%s', async (sql, message, where) => {
  const error = await failureOf(sql)
  expect(error).toBeInstanceOf(InputError)
  expect(error.message).toContain(message)
  expect((error as InputError).where).toBe(where)
  expect(error.hint, 'says what would make it right').toBeTruthy()
})

test('a mistyped name lists what it may have meant', async () => {
  expect((await failureOf('SELECT SUM(salry) FROM pay')).hint).toBe('Did you mean salary?')
  expect((await failureOf('SELECT COUNT(*) FROM paye')).hint).toBe('Did you mean pay?')
  expect((await failureOf("SELECT COUNT(*) FROM pay WHERE country = 'DEU'")).hint).toBe('Did you mean DE?')
  expect((await failureOf('SELECT SUM(zzzzzzzzz) FROM pay')).hint).toMatch(/^There is: country, site, /)
})

test('places count characters, not bytes', async () => {
  const error = (await failureOf("SELECT COUNT(*) /* été */\n  FROM pay WHERE gender = 'é'")) as InputError
  expect(error.where).toBe('line 2, column 27')
})

test.each([
  ['SELECT SUM(secret_note) FROM pay', 'aggregate'],
  ['SELECT COUNT(secret_note) FROM pay', 'aggregate'],
  ['SELECT COUNT(*) FROM pay WHERE secret_note = 3', 'filter by'],
  ['SELECT SUM(CASE WHEN secret_note = 3 THEN hours END) FROM pay', 'filter by'],
  ['SELECT COUNT(*) FROM pay GROUP BY secret_note', 'group by'],
])('a use that the owner did not allow is refused: %s', async (sql, verb) => {
  const error = await failureOf(sql)
  expect(error).toMatchObject({ name: 'Refusal', rule: 'column-use' })
  expect(error.message).toContain(`does not allow to ${verb} column "secret_note" (line 1, column `)
})

test('a hostile text is refused, not crashed on', async () => {
  for (const sql of [
    `SELECT COUNT(*) FROM pay WHERE ${'('.repeat(4000)}remote${')'.repeat(4000)}`,
    `SELECT COUNT(*) FROM pay WHERE ${'NOT '.repeat(4000)}hours = $1`,
    `SELECT COUNT(*) FROM pay WHERE hours = ${'9'.repeat(5000)}`,
    `SELECT COUNT(*) FROM pay ${' '.repeat(30_000)}`,
    'SELECT COUNT(*) FROM pay\0',
    "SELECT COUNT(*) FROM pay WHERE gender = 'f",
  ]) {
    const outcome = await compile(sql, { tables: [{ schema: PAY, rows: 10 }], minimumGroupSize: 5 }).then(
      () => 'accepted',
      (error: Error) => error.name,
    )
    expect(['accepted', 'InputError'], sql.slice(0, 60)).toContain(outcome)
  }
})
