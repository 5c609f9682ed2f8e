/** What statements over several tables mean: the logical plan, line by line, and what is refused where and why. */
import { expect, test } from 'vitest'
import { InputError, Refusal } from '../../shared/base/errors.ts'
import type { Column, TableSchema } from '../../shared/data/schema.ts'
import { compile } from '../../shared/sql/compile.ts'
import { column } from './physical/held.ts'

const ID: Column['type'] = { kind: 'integer', min: 1, max: 100_000 }
const MONEY: Column['type'] = { kind: 'decimal', scale: 2, min: '0.00', max: '5000.00' }

const TABLES: readonly TableSchema[] = [
  {
    table: 'customers',
    columns: [
      column('id', ID),
      column('region', { kind: 'category', values: ['north', 'south'] }),
      column('income', MONEY, { nullable: true }),
      column('phone', ID, { uses: ['filter', 'aggregate'] }),
    ],
    keys: [{ columns: ['id'], rowsMax: 1 }],
  },
  {
    table: 'orders',
    columns: [
      column('customer', ID),
      column('referrer', ID, { nullable: true }),
      column('day', { kind: 'date', min: '2024-01-01', max: '2024-12-31' }),
      column('amount', MONEY),
      column('channel', { kind: 'category', values: ['shop', 'web'] }, { visibility: 'public' }),
    ],
  },
  {
    table: 'logins',
    columns: [column('customer', ID), column('weekday', { kind: 'integer', min: 1, max: 7 })],
    keys: [{ columns: ['customer'], rowsMax: 5 }],
  },
]

const compiled = (sql: string, rows = 1000) =>
  compile(sql, { tables: TABLES.map(schema => ({ schema, rows })), minimumGroupSize: 1 })

/** Statement, and the lines of its plan. */
const PLANS: readonly (readonly [string, string])[] = [
  [
    'SELECT region, COUNT(*), SUM(amount) FROM orders JOIN customers ON customer = id GROUP BY region',
    `
inner join on orders.customer = customers.id
  scan orders
  scan customers
aggregate [COUNT(*), SUM(orders.amount)] by [customers.region]
project [customers.region AS region, COUNT(*) AS count, SUM(orders.amount) AS sum]`,
  ],
  // The side with few rows a key stands right, whatever the text says; what is no equality between tables is a filter.
  [
    'SELECT o.day, COUNT(*) FROM customers c, orders o WHERE o.customer = c.id AND c.income > o.amount GROUP BY o.day',
    `
inner join on o.customer = c.id
  scan orders
  scan customers
filter c.income > o.amount
aggregate [COUNT(*)] by [o.day]
project [o.day AS day, COUNT(*) AS count]`,
  ],
  [
    'SELECT channel, COUNT(id) FROM customers RIGHT JOIN orders ON customer = id GROUP BY channel',
    `
left join on orders.customer = customers.id
  scan orders
  scan customers
aggregate [COUNT(customers.id)] by [orders.channel]
project [orders.channel AS channel, COUNT(customers.id) AS count]`,
  ],
  [
    'SELECT a.region, COUNT(*) FROM customers a JOIN customers b USING (id) WHERE id > 7 GROUP BY a.region',
    `
inner join on a.id = b.id
  filter a.id >= 8
    scan customers
  scan customers
aggregate [COUNT(*)] by [a.region]
project [a.region AS region, COUNT(*) AS count]`,
  ],
  // USING means the table on the left that has the column, which need not be the first.
  [
    'SELECT id, COUNT(*) FROM orders JOIN customers c ON customer = c.id JOIN customers d USING (id) GROUP BY id',
    `
inner join on c.id = d.id
  inner join on orders.customer = c.id
    scan orders
    scan customers
  scan customers
aggregate [COUNT(*)] by [c.id]
project [c.id AS id, COUNT(*) AS count]`,
  ],
  // An equality in ON between tables that were joined before is a condition on rows.
  [
    'SELECT COUNT(*) FROM orders o LEFT JOIN customers c ON o.customer = c.id JOIN customers d ON d.id = o.customer AND o.amount = c.income',
    `
inner join on o.customer = d.id
  filter o.amount = c.income
    left join on o.customer = c.id
      scan orders
      scan customers
  scan customers
aggregate [COUNT(*)]
project [COUNT(*) AS count]`,
  ],
  // What a LEFT JOIN compares need not hold in its rows, so WHERE asks for it again.
  [
    'SELECT COUNT(*) FROM orders LEFT JOIN customers ON customer = id WHERE customer = id',
    `
left join on orders.customer = customers.id
  scan orders
  scan customers
filter orders.customer = customers.id
aggregate [COUNT(*)]
project [COUNT(*) AS count]`,
  ],
  [
    'SELECT weekday, SUM(amount) FROM orders JOIN logins USING (customer) GROUP BY weekday',
    `
inner join on orders.customer = logins.customer, at most 5 matches a row
  scan orders
  scan logins
aggregate [SUM(orders.amount)] by [logins.weekday]
project [logins.weekday AS weekday, SUM(orders.amount) AS sum]`,
  ],
  [
    "SELECT COUNT(*) FROM orders WHERE customer IN (SELECT id FROM customers WHERE region = 'north') AND amount > 3",
    `
semi join on customer = match.0.id
  filter amount >= 3.01
    scan orders
  derived match.0
    scan customers
    filter region = 'north'
    project [id]
aggregate [COUNT(*)]
project [COUNT(*) AS count]`,
  ],
  [
    'SELECT COUNT(*) FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id AND o.amount > 10)',
    `
anti join on id = match.0.key1
  scan customers
  derived match.0
    scan orders
    filter amount >= 10.01
    project [customer AS key1]
aggregate [COUNT(*)]
project [COUNT(*) AS count]`,
  ],
  [
    'SELECT COUNT(*) FROM customers JOIN (SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer) t ON customer = id WHERE total > income',
    `
inner join on customers.id = t.customer
  scan customers
  derived t
    scan orders
    aggregate [SUM(amount)] by [customer]
    project [customer, SUM(amount) AS total]
filter t.total > customers.income
aggregate [COUNT(*)]
project [COUNT(*) AS count]`,
  ],
  [
    'WITH big AS (SELECT customer, amount FROM orders WHERE amount > 100), few AS (SELECT customer, amount FROM big ORDER BY amount DESC LIMIT 5) SELECT SUM(amount) FROM few',
    `
derived few
  derived big
    scan orders
    filter amount >= 100.01
    project [customer, amount]
  project [customer, amount]
  order [amount DESC NULLS FIRST]
  limit 5
aggregate [SUM(amount)]
project [SUM(amount) AS sum]`,
  ],
  [
    'SELECT customer, COUNT(*) FROM (SELECT customer FROM orders UNION ALL SELECT id FROM customers) t GROUP BY customer',
    `
union all t
  of
    scan orders
    project [customer]
  of
    scan customers
    project [id]
aggregate [COUNT(*)] by [customer]
project [customer, COUNT(*) AS count]`,
  ],
  [
    'SELECT COUNT(*) FROM orders, (SELECT MAX(income) AS most FROM customers) c WHERE amount > most',
    `
single join
  scan orders
  derived c
    scan customers
    aggregate [MAX(income)]
    project [MAX(income) AS most]
filter orders.amount > c.most
aggregate [COUNT(*)]
project [COUNT(*) AS count]`,
  ],
  [
    'SELECT SUM(amount - before) FROM (SELECT amount, LAG(amount) OVER (PARTITION BY customer ORDER BY day) AS before FROM orders) t',
    `
derived t
  scan orders
  window LAG(amount) OVER (PARTITION BY customer ORDER BY day ASC NULLS LAST) AS window.0
  project [amount, window.0 AS before]
aggregate [SUM(amount - before)]
project [SUM(amount - before) AS sum]`,
  ],
  [
    'SELECT DISTINCT region, amount * 2 AS twice FROM orders JOIN customers ON customer = id',
    `
inner join on orders.customer = customers.id
  scan orders
  scan customers
compute [orders.amount * 2 AS orders.amount * 2]
aggregate [] by [customers.region, orders.amount * 2]
project [customers.region AS region, orders.amount * 2 AS twice]`,
  ],
  [
    'SELECT region, COALESCE(AVG(amount), 0) AS mean FROM orders JOIN customers ON customer = id GROUP BY region',
    `
inner join on orders.customer = customers.id
  scan orders
  scan customers
aggregate [] by [customers.region]
project [customers.region AS region, CASE WHEN SUM(orders.amount) / COUNT(*) IS NOT NULL THEN SUM(orders.amount) / COUNT(*) ELSE 0 END AS mean]`,
  ],
  [
    'SELECT MEDIAN(income), COUNT(DISTINCT customer) AS n FROM orders JOIN customers ON customer = id',
    `
inner join on orders.customer = customers.id
  scan orders
  scan customers
aggregate [PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY customers.income), COUNT(DISTINCT orders.customer)]
project [PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY customers.income) AS median, COUNT(DISTINCT orders.customer) AS n]`,
  ],
  [
    'SELECT id, amount FROM orders JOIN customers ON customer = id ORDER BY amount DESC, id LIMIT 3',
    `
inner join on orders.customer = customers.id
  scan orders
  scan customers
project [customers.id AS id, orders.amount AS amount]
order [amount DESC NULLS FIRST, id ASC NULLS LAST]
limit 3`,
  ],
]

test.each(PLANS)('%s', async (sql, lines) => {
  expect((await compiled(sql)).logical.join('\n')).toBe(lines.trim())
})

const failureOf = async (sql: string): Promise<InputError | Refusal> => {
  try {
    await compiled(sql)
  } catch (error) {
    if (error instanceof InputError || error instanceof Refusal) return error
    throw error
  }
  throw new Error(`accepted: ${sql}`)
}

/** Statement, what the message says, the place, and what the hint says. */
const REFUSED: readonly (readonly [string, string, string, string])[] = [
  // Names
  [
    'SELECT COUNT(*) FROM orders JOIN logins ON customer = weekday',
    '"customer" is ambiguous',
    'line 1, column 44',
    'write orders.customer or logins.customer',
  ],
  [
    'SELECT COUNT(*) FROM orders, orders',
    '"orders" stands for two things',
    'line 1, column 30',
    'orders AS other',
  ],
  [
    'SELECT COUNT(*) FROM (SELECT customer FROM orders UNION ALL SELECT id AS a, phone AS a FROM customers) t',
    'Column "a" stands twice in SELECT',
    'line 1, column 77',
    'a name of its own',
  ],
  [
    'SELECT COUNT(*) FROM (SELECT COUNT(*), COUNT(referrer) FROM orders) t',
    'Column "count" stands twice in t',
    'line 1, column 30',
    'a name of its own',
  ],
  [
    'SELECT orders.customer, logins.customer FROM orders JOIN logins USING (customer)',
    'Column "customer" stands twice in SELECT',
    'line 1, column 25',
    'a name of its own',
  ],
  // Joins
  [
    'SELECT COUNT(*) FROM orders a JOIN orders b ON a.customer = b.customer',
    'a.customer = b.customer has no bound',
    'line 1, column 48',
    'Declare "keys" in the schema',
  ],
  [
    'SELECT COUNT(*) FROM orders JOIN customers ON id = id',
    'without an equality',
    'line 1, column 47',
    'Declare "keys"',
  ],
  [
    'SELECT COUNT(*) FROM customers LEFT JOIN orders ON customer = id',
    'LEFT JOIN on customers.id = orders.customer has no bound',
    'line 1, column 52',
    'group it by the join columns first',
  ],
  [
    'SELECT COUNT(*) FROM orders LEFT JOIN customers ON customer = id AND income > 3',
    'A condition in ON of a LEFT JOIN',
    'line 1, column 70',
    'LEFT JOIN (SELECT … WHERE …)',
  ],
  // An equality of two columns that were both there before keeps rows of the left side, which a filter would not.
  [
    'SELECT COUNT(*) FROM orders o JOIN customers c ON o.customer = c.id LEFT JOIN customers d ON d.id = c.id AND o.amount = c.income',
    'A condition in ON of a LEFT JOIN',
    'line 1, column 110',
    'Filter the right side first',
  ],
  [
    'SELECT COUNT(*) FROM orders LEFT JOIN (customers c JOIN customers d ON c.id = d.id AND c.income > 3) ON customer = c.id',
    'A condition in ON of a LEFT JOIN',
    'line 1, column 88',
    'Filter the right side first',
  ],
  [
    'SELECT COUNT(*) FROM orders FULL JOIN customers ON customer = id',
    'FULL JOIN',
    'line 1, column 22',
    'UNION ALL',
  ],
  ['SELECT COUNT(*) FROM orders NATURAL JOIN logins', 'NATURAL JOIN', 'line 1, column 22', 'USING'],
  [
    'SELECT COUNT(*) FROM orders JOIN customers ON amount = id',
    'their types differ',
    'line 1, column 47',
    'the same decimals',
  ],
  [
    'SELECT COUNT(*) FROM orders, LATERAL (SELECT id FROM customers WHERE id = customer) t',
    'LATERAL',
    'line 1, column 46',
    'Supported',
  ],
  // Conditions with subqueries
  [
    'SELECT COUNT(*) FROM orders WHERE customer NOT IN (SELECT referrer FROM orders)',
    'NOT IN over columns that may be NULL',
    'line 1, column 35',
    'NOT EXISTS',
  ],
  [
    'SELECT COUNT(*) FROM customers WHERE EXISTS (SELECT COUNT(*) FROM orders WHERE customer = id)',
    'An aggregate in EXISTS',
    'line 1, column 38',
    'SELECT 1',
  ],
  [
    'SELECT COUNT(*) FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE customer = id OFFSET 3)',
    'OFFSET in EXISTS',
    'line 1, column 38',
    'Supported',
  ],
  // Inner queries
  [
    'SELECT COUNT(*) FROM (SELECT customer, AVG(amount) AS m FROM orders GROUP BY customer) t',
    'AVG in an inner query',
    'line 1, column 40',
    'Show SUM(x) and COUNT(x)',
  ],
  [
    'SELECT COUNT(*) FROM (SELECT customer, COALESCE(AVG(amount), 0) AS m FROM orders GROUP BY customer) t',
    'AVG in an inner query',
    'line 1, column 40',
    'Show SUM(x) and COUNT(x)',
  ],
  [
    'SELECT COUNT(*) FROM (SELECT SUM(amount) / COUNT(*) AS m FROM orders) t',
    'The operator /',
    'line 1, column 42',
    '/ only between totals',
  ],
  [
    'SELECT COUNT(*) FROM (SELECT STDDEV_SAMP(amount) AS m FROM orders) t',
    'STDDEV_SAMP anywhere but in what the query shows',
    'line 1, column 30',
    'show SUM(x), SUM(x * x)',
  ],
  [
    'SELECT channel FROM orders GROUP BY channel HAVING VAR_POP(amount) > 3',
    'VAR_POP anywhere but in what the query shows',
    'line 1, column 52',
    'show SUM(x), SUM(x * x)',
  ],
  [
    'SELECT COUNT(*) FROM (SELECT amount FROM orders ORDER BY amount LIMIT 5 OFFSET 2) t',
    'OFFSET in an inner query',
    'line 1, column 80',
    'ROW_NUMBER()',
  ],
  // Groups
  [
    'SELECT DISTINCT ON (customer) customer, amount FROM orders',
    'DISTINCT ON',
    'line 1, column 8',
    'ROW_NUMBER()',
  ],
  [
    'SELECT DISTINCT channel FROM orders GROUP BY channel, day',
    'DISTINCT beside GROUP BY',
    'line 1, column 8',
    'Group by what is shown',
  ],
  [
    'SELECT DISTINCT COUNT(*) FROM orders',
    'DISTINCT beside an aggregate',
    'line 1, column 17',
    'inner query',
  ],
  ['SELECT MAX(day) + 1 FROM orders', 'A date computed of groups', 'line 1, column 8', 'MAX(day + 1)'],
  // Windows
  [
    'SELECT amount, SUM(amount) OVER (ORDER BY day ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW) FROM orders',
    'EXCLUDE in a frame',
    'line 1, column 16',
    'Supported',
  ],
  // WITH and UNION
  [
    'WITH RECURSIVE t AS (SELECT customer FROM orders) SELECT COUNT(*) FROM t',
    'WITH RECURSIVE',
    'line 1, column 6',
    'Supported',
  ],
  [
    'SELECT COUNT(*) FROM (SELECT customer FROM orders UNION SELECT id FROM customers) t',
    'UNION is not supported',
    'line 1, column 51',
    'UNION ALL keeps every row',
  ],
  [
    'SELECT COUNT(*) FROM (SELECT customer FROM orders UNION ALL SELECT amount FROM orders) t',
    'their types differ',
    'line 1, column 30',
    'the same decimals',
  ],
  [
    'SELECT COUNT(*) FROM (SELECT customer FROM orders UNION ALL SELECT id FROM customers OFFSET 3) t',
    'ORDER BY, LIMIT or OFFSET on a UNION',
    'line 1, column 51',
    'Put it into its parts',
  ],
  // ON sees what it joins.
  [
    'SELECT COUNT(*) FROM orders o JOIN logins l ON l.customer = c.id JOIN customers c ON o.customer = c.id',
    '"c" is not joined yet where ON names it',
    'line 1, column 61',
    'Did you mean o or l?',
  ],
  [
    'SELECT COUNT(*) FROM customers c, orders o JOIN logins l ON o.customer = id WHERE c.id = o.customer',
    'no column "id" in o, l',
    'line 1, column 74',
    'There is',
  ],
  [
    'SELECT COUNT(*) FROM orders o JOIN logins l ON o.customer = l.customer AND income > 3 JOIN customers c ON o.customer = c.id',
    'no column "income" in o, l',
    'line 1, column 76',
    'There is',
  ],
]

test.each(REFUSED)('%s', async (sql, message, where, hint) => {
  const error = await failureOf(sql)
  expect(error).toBeInstanceOf(InputError)
  expect(error.message).toContain(message)
  expect((error as InputError).where).toBe(where)
  expect(error.hint).toContain(hint)
})

/** One column a use, and one that nothing may be done with. */
const POLICY: TableSchema = {
  table: 'policy',
  columns: [
    ...(['filter', 'group', 'join', 'aggregate', 'show'] as const).map(use =>
      column(`may_${use}`, ID, { uses: [use] }),
    ),
    column('may_nothing', ID, { uses: [] }),
  ],
  keys: ['may_join', 'may_group', 'may_filter', 'may_aggregate', 'may_show', 'may_nothing'].map(name => ({
    columns: [name],
    rowsMax: 1,
  })),
}

/** What an outer block does with the column that an inner one shows under the name x. */
const DONE: Readonly<Record<string, (inner: string) => string>> = {
  filter: inner => `SELECT COUNT(*) FROM (${inner}) i WHERE i.x > 3`,
  group: inner => `SELECT COUNT(*) FROM (${inner}) i GROUP BY i.x`,
  join: inner => `SELECT COUNT(*) FROM orders JOIN (${inner}) i ON i.x = customer`,
  aggregate: inner => `SELECT SUM(i.x) FROM (${inner}) i`,
  show: inner => `SELECT i.x FROM (${inner}) i`,
}
/** Ways to carry a column outwards. */
const CARRIED: readonly ((name: string) => string)[] = [
  name => `SELECT ${name} AS x FROM policy`,
  name => `SELECT j.y AS x FROM (SELECT ${name} AS y, may_nothing AS z FROM policy) j`,
  name => `SELECT a.x FROM (SELECT ${name} AS x FROM policy UNION ALL SELECT id AS x FROM customers) a`,
  name => `SELECT x FROM (SELECT ${name} + 0 AS x FROM policy) b`,
]

test('every use of a column that an inner query shows is asked of its owner, and no other', async () => {
  const tables = [...TABLES, POLICY].map(schema => ({ schema, rows: 1000 }))
  for (const { name, uses } of POLICY.columns)
    for (const [use, done] of Object.entries(DONE))
      for (const [way, carry] of CARRIED.entries()) {
        // Two unions or a computed column have no key that a join could rely on.
        if (use === 'join' && way >= 2) continue
        const sql = done(carry(name))
        const outcome = await compile(sql, { tables, minimumGroupSize: 1 }).then(
          () => 'accepted',
          error => (error instanceof Refusal ? error.rule : String(error)),
        )
        expect([sql, outcome]).toEqual([sql, (uses as string[]).includes(use) ? 'accepted' : 'column-use'])
      }
})

test.each([
  ['SELECT COUNT(*) FROM orders WHERE customer IN (SELECT NAME FROM policy)', 'join'],
  ['SELECT COUNT(*) FROM orders WHERE EXISTS (SELECT 1 FROM policy WHERE NAME = customer)', 'join'],
  [
    'SELECT COUNT(*) FROM orders WHERE EXISTS (SELECT 1 FROM policy WHERE may_join = customer AND NAME > 3)',
    'filter',
  ],
  ['SELECT COUNT(*) FROM (SELECT NAME AS x FROM policy ORDER BY x LIMIT 9) i', 'filter'],
  ['SELECT COUNT(*) FROM (SELECT CASE WHEN NAME > 3 THEN 1 END AS x FROM policy) i', 'filter'],
  ['SELECT SUM(i.x) FROM (SELECT COALESCE(NAME, 0) AS x FROM policy) i', 'aggregate'],
  ['SELECT SUM(i.x) FROM (SELECT ABS(NAME) AS x FROM policy) i', 'aggregate'],
  [
    'SELECT COUNT(*) FROM (SELECT MAX(NAME) AS m FROM policy GROUP BY may_group) i WHERE i.m > 3',
    'aggregate',
  ],
  ['SELECT COUNT(*) FROM (SELECT NAME AS x, COUNT(*) AS n FROM policy GROUP BY 1) i WHERE i.n > 3', 'group'],
  ['SELECT COUNT(*) FROM (SELECT SUM(NAME) OVER () AS s FROM policy) i', 'aggregate'],
])('a use inside of an inner query is asked of the owner: %s', async (sql, use) => {
  const tables = [...TABLES, POLICY].map(schema => ({ schema, rows: 1000 }))
  for (const { name, uses } of POLICY.columns) {
    const outcome = await compile(sql.replace('NAME', name), { tables, minimumGroupSize: 1 }).then(
      () => 'accepted',
      error => (error instanceof Refusal ? error.rule : String(error)),
    )
    expect([name, outcome]).toEqual([name, (uses as string[]).includes(use) ? 'accepted' : 'column-use'])
  }
})

test.each([
  ['SELECT COUNT(*) FROM orders JOIN customers ON phone = customer', 'join on', 'customers.phone', 47],
  ['SELECT COUNT(*) FROM orders WHERE customer IN (SELECT phone FROM customers)', 'join on', 'phone', 35],
  ['SELECT phone FROM customers', 'show single values of', 'phone', 8],
  ['SELECT COUNT(*) FROM (SELECT phone FROM customers) t GROUP BY phone', 'group by', 'phone', 63],
])('a use that the owner did not allow is refused, through inner queries too: %s', async (sql, verb, name, at) => {
  const error = await failureOf(sql)
  expect(error).toMatchObject({ name: 'Refusal', rule: 'column-use', hint: 'Allowed: filter, aggregate.' })
  expect(error.message).toContain(`to ${verb} column "${name}" (line 1, column ${at})`)
})

test('a declared key lets tables be joined, however few rows they have', async () => {
  for (const rows of [0, 1, 2, 5, 6]) {
    const { logical } = await compiled('SELECT COUNT(*) FROM orders JOIN logins USING (customer)', rows)
    const matches = rows > 1 ? `, at most ${Math.min(rows, 5)} matches a row` : ''
    const isCompared = rows === 1
    expect(logical[0]).toBe(
      isCompared ? 'single join' : `inner join on orders.customer = logins.customer${matches}`,
    )
  }
})

test('a name that a later table has too is not ambiguous in ON', async () => {
  const { logical } = await compiled(
    'SELECT COUNT(*) FROM customers c JOIN logins l ON id = customer JOIN orders o ON o.customer = id AND weekday > 3',
  )
  expect(logical.map(line => line.trim())).toContain('filter l.weekday >= 4')
})

test('a part of a date is a use of the date', async () => {
  const dated: TableSchema = {
    table: 'dated',
    columns: [column('day', { kind: 'date', min: '2024-01-01', max: '2024-12-31' }, { uses: ['group'] })],
  }
  const tables = [{ schema: dated, rows: 100 }]
  const inner = '(SELECT EXTRACT(MONTH FROM day) AS m FROM dated) i'
  await compile(`SELECT i.m, COUNT(*) FROM ${inner} GROUP BY i.m`, { tables, minimumGroupSize: 1 })
  await expect(
    compile(`SELECT SUM(i.m) FROM ${inner}`, { tables, minimumGroupSize: 1 }),
  ).rejects.toMatchObject({ rule: 'column-use' })
})

test.each([
  [
    'SELECT SUM(n) OVER (ORDER BY day DESC) AS s FROM (SELECT day, COUNT(*) AS n FROM orders GROUP BY day) t',
    false,
  ],
  ['SELECT SUM(n) OVER (ORDER BY n) AS s FROM (SELECT day, COUNT(*) AS n FROM orders GROUP BY day) t', true],
  ['SELECT SUM(amount) OVER (ORDER BY day) AS s FROM orders', true],
  ['SELECT SUM(amount) OVER (ORDER BY day ROWS UNBOUNDED PRECEDING) AS s FROM orders', false],
  // What is declared and not proved is not relied on.
  ['SELECT SUM(id) OVER (ORDER BY id) AS s FROM customers', true],
])('rows that are equal in the order are looked for where there may be some: %s', async (sql, peers) => {
  const { logical } = await compiled(sql)
  expect(logical.some(line => line.includes('RANGE UNBOUNDED PRECEDING'))).toBe(peers)
})
