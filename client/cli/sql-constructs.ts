/**
 * What a request may ask, construct by construct, each with one statement over two small tables. The reference page is made
 * of this table, and a test compiles every statement.
 */
import type { Column, TableSchema } from '../../shared/data/schema.ts'

const column = (name: string, type: Column['type'], rest: Partial<Column> = {}): Column => ({
  name,
  type,
  nullable: false,
  visibility: 'secret',
  uses: ['filter', 'group', 'join', 'aggregate', 'show'],
  ...rest,
})

const ID: Column['type'] = { kind: 'integer', min: 1, max: 100_000 }

export const EXAMPLE_TABLES: readonly TableSchema[] = [
  {
    table: 'customers',
    columns: [
      column('id', ID),
      column(
        'name',
        { kind: 'text', key: 'AAECAwQFBgcICQoLDA0ODw', folds: ['case', 'accents', 'space'] },
        { uses: ['filter', 'group', 'join', 'aggregate'] },
      ),
      column(
        'spelling',
        { kind: 'grams', key: 'AAECAwQFBgcICQoLDA0ODw', folds: ['case', 'accents', 'space'] },
        { uses: ['filter'] },
      ),
      column('region', { kind: 'category', values: ['north', 'south', 'east'] }),
      column('joined', { kind: 'date', min: '2015-01-01', max: '2024-12-31' }),
      column(
        'income',
        { kind: 'decimal', scale: 2, min: '0.00', max: '250000.00' },
        { nullable: true, uses: ['filter', 'aggregate'] },
      ),
    ],
    keys: [{ columns: ['id'], rowsMax: 1 }],
  },
  {
    table: 'orders',
    columns: [
      column('customer', ID),
      column('referrer', ID, { nullable: true }),
      column('day', { kind: 'date', min: '2024-01-01', max: '2024-12-31' }),
      column('amount', { kind: 'decimal', scale: 2, min: '0.00', max: '5000.00' }),
      column('items', { kind: 'integer', min: 1, max: 50 }),
      column('paid', { kind: 'boolean' }),
      column('channel', { kind: 'category', values: ['shop', 'web'] }, { visibility: 'public' }),
    ],
    keys: [{ columns: ['customer'], rowsMax: 5 }],
  },
]

/** Rows of each example table. */
export const EXAMPLE_ROWS = 1000
export const EXAMPLE_GROUP_SIZE = 10

export interface Construct {
  readonly name: string
  readonly meaning: string
  readonly example: string
  /** Where the example needs another one than the others. */
  readonly minimumGroupSize?: number
}

export interface ConstructGroup {
  readonly title: string
  readonly constructs: readonly Construct[]
}

export const CONSTRUCTS: readonly ConstructGroup[] = [
  {
    title: 'Conditions',
    constructs: [
      {
        name: '`=` `<>` `<` `<=` `>` `>=`',
        meaning:
          'Both sides have one type. Numbers of different decimals compare exactly. Categories and booleans know `=` and `<>` only. Beside a NULL the condition is unknown, and WHERE keeps what is true.',
        example: "SELECT COUNT(*) FROM orders WHERE amount >= 99.5 AND day < '2024-07-01'",
      },
      {
        name: '`BETWEEN`, `IN (…)`',
        meaning: 'Both ends of BETWEEN count. A NULL in the list of NOT IN makes it true for no row.',
        example:
          "SELECT COUNT(*) FROM customers WHERE joined BETWEEN '2020-01-01' AND '2020-12-31' AND region IN ('north', 'east')",
      },
      {
        name: '`LIKE`, `ILIKE`',
        meaning:
          'On categories: the public list of values is searched before the run, and rows are compared with those that match.',
        example: "SELECT COUNT(*) FROM customers WHERE region LIKE '%th'",
      },
      {
        name: '`IS [NOT] NULL`',
        meaning: 'Never unknown.',
        example: 'SELECT COUNT(*) FROM customers WHERE income IS NULL',
      },
      {
        name: '`AND`, `OR`, `NOT`, a boolean column, `IS [NOT] TRUE`, `FALSE`, `UNKNOWN`',
        meaning:
          "SQL's three values. Every part is computed for every row, so the order of conditions costs and tells nothing.",
        example: 'SELECT COUNT(*) FROM orders WHERE paid AND NOT (items > 10 OR referrer IS NULL)',
      },
      {
        name: '`SIMILARITY(a, b) >= 0.8`',
        meaning:
          'Spellings that differ a little: bigrams of two columns, or of a column and a text, with a Dice coefficient of at least the threshold (see [schema](schema.md#texts)); `<` for the others. In ON it decides among the rows that a key has brought together.',
        example: "SELECT COUNT(*) FROM customers WHERE SIMILARITY(spelling, 'Katharina Schmidt') >= 0.8",
      },
      {
        name: 'texts: `=`, `<>`, `IN`',
        meaning:
          'Equal when their folded forms are (see [schema](schema.md#texts)); the text of the statement is folded too. A text is also a join key, a group of an inner query and counted by `COUNT(DISTINCT …)`; it has no order and is never shown.',
        example: "SELECT COUNT(*) FROM customers WHERE name IN ('Anna Müller', 'Łukasz Nowak')",
      },
    ],
  },
  {
    title: 'Values of a row',
    constructs: [
      {
        name: '`+` `-` `*`',
        meaning:
          'Exact. A product has the decimals of both factors; bounds of columns have to prove that it fits (see limits). NULL with anything is NULL.',
        example: 'SELECT SUM(amount * items - 5) FROM orders',
      },
      {
        name: 'dates: `date - date`, `date ± days`',
        meaning: 'A difference is a number of days.',
        example:
          'SELECT COUNT(*), SUM(day - joined) FROM orders JOIN customers ON customer = id WHERE day > joined + 365',
      },
      {
        name: '`CASE`, `COALESCE`, `NULLIF`, `ABS`',
        meaning:
          'All branches are computed for all rows. Results are numbers or dates. Without ELSE a row that meets no branch is NULL.',
        example: "SELECT SUM(CASE WHEN channel = 'web' THEN amount END), SUM(ABS(amount - 100)) FROM orders",
      },
      {
        name: '`EXTRACT(YEAR | QUARTER | MONTH FROM date)`',
        meaning: 'Of a date column: compared with the first day of each period that its bounds hold.',
        example:
          'SELECT EXTRACT(QUARTER FROM day) AS quarter, COUNT(*) FROM orders GROUP BY EXTRACT(QUARTER FROM day)',
      },
    ],
  },
  {
    title: 'Groups',
    constructs: [
      {
        name: 'no `GROUP BY`',
        meaning:
          'One group of all rows. It is shown like any other: not at all with fewer rows than the minimum, so a COUNT(*) of 0 never appears.',
        example: 'SELECT COUNT(*), SUM(amount) FROM orders WHERE paid',
      },
      {
        name: '`GROUP BY` a public column',
        meaning: 'Rows are parted in the clear, which is cheapest. Every party knows public columns.',
        example: 'SELECT channel, COUNT(*), SUM(amount) FROM orders GROUP BY channel',
      },
      {
        name: '`GROUP BY` secret columns of small domains',
        meaning:
          'Cells of all combinations of declared values: which of them have rows stays secret. NULL is a group of its own.',
        example: 'SELECT region, COUNT(*), COUNT(income) FROM customers GROUP BY region',
      },
      {
        name: '`GROUP BY` secret columns of any domain',
        meaning:
          'Rows are sorted unseen. At most rows divided by the minimum group size can be shown, and no more leave the computation.',
        example: 'SELECT customer, COUNT(*), SUM(amount) FROM orders GROUP BY customer',
      },
      {
        name: '`GROUP BY` an expression, an alias or a position',
        meaning: 'The expression is made a column first. A bare name is a column before it is an alias.',
        example:
          'SELECT CASE WHEN amount > 100 THEN 1 ELSE 0 END AS large, COUNT(*) FROM orders GROUP BY large',
      },
      {
        name: '`SELECT DISTINCT`',
        meaning:
          'Groups by everything that is shown, so a value of fewer rows than the minimum is not shown.',
        example: 'SELECT DISTINCT day FROM orders',
      },
      {
        name: '`HAVING`',
        meaning:
          'Decided inside: a group that fails is as little shown as a small one. An aggregate with fewer contributors than the minimum is unknown here.',
        example:
          'SELECT customer, COUNT(*) FROM orders GROUP BY customer HAVING SUM(amount) > 1000 AND MAX(items) < 5',
      },
    ],
  },
  {
    title: 'Aggregates',
    constructs: [
      {
        name: '`COUNT(*)`, `COUNT(x)`',
        meaning: 'Rows, and rows where x is not NULL.',
        example: 'SELECT COUNT(*), COUNT(referrer) FROM orders',
      },
      {
        name: '`SUM(x)`',
        meaning:
          'Exact, over what is not NULL. Shown where at least the minimum of rows contribute, which a CASE with ELSE 0 does not, nor a 0 in a column of 0 and 1.',
        example: 'SELECT channel, SUM(amount) FROM orders GROUP BY channel',
      },
      {
        name: '`AVG(x)`',
        meaning: 'The recipient divides: it learns sum and count.',
        example: 'SELECT region, AVG(income) FROM customers GROUP BY region',
      },
      {
        name: '`MIN(x)`, `MAX(x)`',
        meaning:
          'Of numbers and dates. The result is the value of some row: owners are told so when they approve.',
        example: 'SELECT channel, MIN(amount), MAX(day) FROM orders GROUP BY channel',
      },
      {
        name: '`COUNT(DISTINCT x)`',
        meaning: 'Distinct values that are not NULL. Guarded by the number of rows, not of values.',
        example: 'SELECT channel, COUNT(DISTINCT customer) FROM orders GROUP BY channel',
      },
      {
        name: '`MEDIAN(x)`, `PERCENTILE_CONT(f) WITHIN GROUP (ORDER BY x)`, `QUANTILE_CONT(x, f)`',
        meaning: 'Between two values in exact proportion; NULLs are left out.',
        example: 'SELECT channel, MEDIAN(amount), QUANTILE_CONT(amount, 0.9) FROM orders GROUP BY channel',
      },
      {
        name: '`PERCENTILE_DISC(f) WITHIN GROUP (ORDER BY x)`, `QUANTILE_DISC(x, f)`',
        meaning: 'One of the values, dates too.',
        example: 'SELECT PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY day) FROM orders',
      },
      {
        name: '`VAR_POP`, `VAR_SAMP`, `STDDEV_POP`, `STDDEV_SAMP`',
        meaning: 'Formulas of count, sum and sum of squares, which the recipient learns.',
        example: 'SELECT region, STDDEV_SAMP(income) FROM customers GROUP BY region',
      },
      {
        name: '`COVAR_POP`, `COVAR_SAMP`, `CORR`, `REGR_SLOPE`, `REGR_INTERCEPT`, `REGR_R2`, `REGR_COUNT`, `REGR_AVGX`, `REGR_AVGY`',
        meaning:
          'Over rows where both arguments are known; the recipient learns the sums that they are made of.',
        example: 'SELECT CORR(amount, items), REGR_SLOPE(amount, items) FROM orders',
      },
      {
        name: 'aggregate `FILTER (WHERE …)`',
        meaning:
          'The same as the aggregate of CASE WHEN condition THEN x END. Its contributors are the rows that the condition keeps: with fewer than the minimum it is not shown, however large the group.',
        example:
          'SELECT COUNT(*), COUNT(*) FILTER (WHERE paid), AVG(amount) FILTER (WHERE items > 5) FROM orders',
      },
      {
        name: 'arithmetic over totals, with `/`',
        meaning: 'The recipient computes it of the totals, which it learns. Division by zero is NULL.',
        example:
          'SELECT channel, 100 * SUM(CASE WHEN paid THEN 1 ELSE 0 END) / COUNT(*) AS percent FROM orders GROUP BY channel',
      },
    ],
  },
  {
    title: 'Joins',
    constructs: [
      {
        name: '`JOIN … ON`, `JOIN … USING`, `FROM a, b WHERE`',
        meaning:
          'Equalities between columns of one type, as many as needed; other conditions filter. One side must have few rows of a key: declared by `keys` in its schema, or grouped by it. A declaration is checked inside, and the run aborts where it does not hold. NULL matches nothing.',
        example:
          'SELECT region, COUNT(*), SUM(amount) FROM orders JOIN customers ON customer = id GROUP BY region',
      },
      {
        name: 'a join with several matches',
        meaning:
          'Rows are repeated as often as the declaration allows, here 5 times: the cost grows with it, not with the data.',
        example: 'SELECT COUNT(*) FROM orders a JOIN orders b ON a.referrer = b.customer WHERE a.day > b.day',
      },
      {
        name: '`LEFT JOIN`, `RIGHT JOIN`',
        meaning:
          'Rows of one side that match nothing keep their place, with NULLs. ON has equalities between the sides only.',
        example:
          'SELECT channel, COUNT(*), COUNT(id) FROM orders LEFT JOIN customers ON customer = id GROUP BY channel',
      },
      {
        name: 'a join with totals',
        meaning:
          'What is grouped by the join columns has one row a key, whatever the data. Totals of inner queries are not compared with the minimum group size: what is shown at the end is.',
        example:
          'SELECT region, COUNT(*) FROM customers JOIN (SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer) t ON customer = id WHERE total > 500 GROUP BY region',
      },
      {
        name: 'one row beside all',
        meaning: 'An inner query of one row needs no key: a total over all rows, to compare each row with.',
        example:
          'SELECT COUNT(*) FROM orders, (SELECT MAX(amount) AS most FROM orders) m WHERE amount * 2 > most',
      },
    ],
  },
  {
    title: 'Queries inside of queries',
    constructs: [
      {
        name: '`(SELECT …) AS x` in `FROM`',
        meaning:
          'Nothing of it is shown by itself. Its columns keep what their owners allow; it may show what may be aggregated.',
        example:
          'SELECT COUNT(*), AVG(total) FROM (SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer) t',
      },
      {
        name: '`WITH`',
        meaning: 'A name for an inner query; each mention computes it again.',
        example:
          'WITH large AS (SELECT customer, amount FROM orders WHERE amount > 1000) SELECT region, COUNT(*) FROM large JOIN customers ON customer = id GROUP BY region',
      },
      {
        name: '`IN (SELECT …)`, `EXISTS (SELECT …)`',
        meaning:
          'A row counts once, however many matches it has, so no key is needed. Parts of WHERE that AND connects. In EXISTS, equalities with the query around are the join.',
        example:
          'SELECT region, COUNT(*) FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE customer = id AND amount > 1000) GROUP BY region',
      },
      {
        name: '`NOT EXISTS`, `NOT IN (SELECT …)`',
        meaning:
          'NOT IN between columns that cannot be NULL; NOT EXISTS anywhere: NULL matches nothing, so the row counts.',
        example:
          'SELECT COUNT(*) FROM orders o WHERE NOT EXISTS (SELECT 1 FROM customers c WHERE c.id = o.referrer)',
      },
      {
        name: '`(SELECT aggregate …)` as a value',
        meaning:
          'One total over all rows, to compare every row with, in WHERE, CASE, HAVING and arithmetic. It stays shared and is never shown by itself. AVG is compared as sum and count, multiplied out, so exactly; over no rows it is NULL.',
        example: 'SELECT COUNT(*) FROM orders WHERE amount > (SELECT AVG(amount) FROM orders)',
      },
      {
        name: '`(SELECT aggregate … WHERE inner = outer)` as a value',
        meaning:
          'The total of the rows that match: groups by the inner columns, which every row looks up. A row without a match has NULL, and a COUNT of 0. Other conditions of the subquery speak of its own columns.',
        example:
          'SELECT COUNT(*) FROM orders o WHERE amount > (SELECT AVG(i.amount) FROM orders i WHERE i.customer = o.customer)',
      },
      {
        name: '`HAVING … > (SELECT aggregate …)`',
        meaning: 'Groups are compared with one total over all rows.',
        example:
          'SELECT channel, SUM(amount) FROM orders GROUP BY channel HAVING SUM(amount) > (SELECT SUM(amount) * 0.1 FROM orders)',
      },
      {
        name: '`UNION ALL` in `FROM`',
        meaning:
          'Columns by place, of the same kind; bounds become the wider ones. Names are those of the first part.',
        example:
          'SELECT person, COUNT(*) FROM (SELECT customer AS person FROM orders UNION ALL SELECT id FROM customers) t GROUP BY person',
      },
      {
        name: '`ORDER BY … LIMIT` inside',
        meaning: 'The first rows, found unseen. Which of equal rows is taken is not defined.',
        example: 'SELECT SUM(amount) FROM (SELECT amount FROM orders ORDER BY amount DESC LIMIT 50) t',
      },
    ],
  },
  {
    title: 'Windows',
    constructs: [
      {
        name: '`ROW_NUMBER() OVER (PARTITION BY … ORDER BY …)`',
        meaning: 'In a query without groups. Which of equal rows comes first is not defined.',
        example:
          'SELECT channel, SUM(amount) FROM (SELECT channel, amount, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY day) AS n FROM orders) t WHERE n = 1 GROUP BY channel',
      },
      {
        name: '`SUM(x) OVER (PARTITION BY …)`',
        meaning:
          'The total of the partition beside each of its rows. x must not be NULL: write COALESCE(x, 0).',
        example:
          'SELECT COUNT(*) FROM (SELECT amount, SUM(amount) OVER (PARTITION BY customer) AS total FROM orders) t WHERE amount * 2 > total',
      },
      {
        name: '`SUM(x) OVER (… ORDER BY … ROWS UNBOUNDED PRECEDING)`',
        meaning: 'Up to and including the row; rows that are equal in the order stand one after the other.',
        example:
          'SELECT COUNT(*) FROM (SELECT SUM(amount) OVER (PARTITION BY customer ORDER BY day ROWS UNBOUNDED PRECEDING) AS so_far FROM orders) t WHERE so_far > 500',
      },
      {
        name: '`SUM(x) OVER (… ORDER BY …)`',
        meaning:
          'Up to the row and all that are equal to it in the order. Over groups, how many are at risk at each time, as Kaplan-Meier needs it.',
        example:
          'SELECT items, people, SUM(people) OVER (ORDER BY items DESC) AS at_risk FROM (SELECT items, COUNT(*) AS people FROM orders GROUP BY items) t ORDER BY items',
        minimumGroupSize: 1,
      },
      {
        name: '`LAG(x) OVER (PARTITION BY … ORDER BY …)`',
        meaning: 'The value of the row before; NULL in the first.',
        example:
          'SELECT COUNT(*), SUM(day - before) FROM (SELECT day, LAG(day) OVER (PARTITION BY customer ORDER BY day) AS before FROM orders) t WHERE before IS NOT NULL',
      },
    ],
  },
  {
    title: 'What is shown',
    constructs: [
      {
        name: '`ORDER BY`',
        meaning:
          'Outputs, by name or position, and group keys. The recipient sorts what it has learned. NULLs are largest unless NULLS FIRST or LAST says otherwise; a suppressed value comes last.',
        example: 'SELECT region, COUNT(*) AS n FROM customers GROUP BY region ORDER BY n DESC, region',
      },
      {
        name: '`LIMIT`, `OFFSET`',
        meaning:
          'In plans over tables, by keys or totals, before anything is shown. In cells, and in the order of a quotient such as AVG, by the recipient, who learns all shown groups.',
        example:
          'SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer ORDER BY total DESC LIMIT 3',
      },
      {
        name: 'single rows',
        meaning: 'Only with a minimum group size of 1, and of columns whose owners allow `show`.',
        example: "SELECT id, joined FROM customers WHERE region = 'north' ORDER BY joined, id LIMIT 10",
        minimumGroupSize: 1,
      },
    ],
  },
]

export interface Refused {
  readonly example: string
  /** A statement that asks the same, or as much of it as can be asked. */
  readonly instead?: string
}

export const REFUSED: readonly Refused[] = [
  {
    example: 'SELECT customer, amount FROM orders',
    instead: 'SELECT customer, SUM(amount) FROM orders GROUP BY customer',
  },
  { example: 'SELECT MIN(income) FROM customers GROUP BY income' },
  {
    example: 'SELECT COUNT(*) FROM orders a JOIN orders b ON a.day = b.day',
    instead:
      'SELECT SUM(n) FROM orders a JOIN (SELECT day, COUNT(*) AS n FROM orders GROUP BY day) b ON a.day = b.day',
  },
  {
    example: 'SELECT COUNT(*) FROM orders JOIN customers ON amount < income',
    instead: 'SELECT COUNT(*) FROM orders JOIN customers ON customer = id WHERE amount < income',
  },
  { example: 'SELECT COUNT(*) FROM orders JOIN customers ON amount = id' },
  {
    example: 'SELECT COUNT(id) FROM orders LEFT JOIN customers ON customer = id AND income > 3000',
    instead:
      'SELECT COUNT(id) FROM orders LEFT JOIN (SELECT id FROM customers WHERE income > 3000) c ON customer = id',
  },
  {
    example: 'SELECT COUNT(*) FROM orders FULL JOIN customers ON customer = id',
    instead:
      'SELECT COUNT(*) FROM (SELECT amount FROM orders LEFT JOIN customers ON customer = id UNION ALL SELECT income FROM customers WHERE NOT EXISTS (SELECT 1 FROM orders WHERE customer = id)) t',
  },
  {
    example: 'SELECT COUNT(*) FROM orders NATURAL JOIN customers',
    instead: 'SELECT COUNT(*) FROM orders a JOIN orders b USING (customer)',
  },
  {
    example: 'SELECT COUNT(*) FROM customers WHERE id NOT IN (SELECT referrer FROM orders)',
    instead: 'SELECT COUNT(*) FROM customers WHERE NOT EXISTS (SELECT 1 FROM orders WHERE referrer = id)',
  },
  {
    example: 'SELECT COUNT(*) FROM orders WHERE items > (SELECT items FROM orders WHERE customer = 7)',
    instead: 'SELECT COUNT(*) FROM orders WHERE items > (SELECT MAX(items) FROM orders WHERE customer = 7)',
  },
  {
    example:
      'SELECT COUNT(*) FROM customers WHERE income > (SELECT MAX(amount) FROM orders WHERE customer < id)',
  },
  { example: 'SELECT COUNT(*) - (SELECT COUNT(*) FROM customers) FROM orders' },
  {
    example:
      'SELECT customer FROM orders GROUP BY customer HAVING COUNT(*) > (SELECT COUNT(*) FROM customers WHERE id = customer)',
    instead:
      'SELECT customer FROM (SELECT customer, COUNT(*) AS n FROM orders GROUP BY customer) t WHERE n > (SELECT COUNT(*) FROM customers WHERE id = customer) GROUP BY customer',
  },
  {
    example: 'SELECT COUNT(*) FROM orders WHERE paid OR EXISTS (SELECT 1 FROM customers WHERE id = customer)',
    instead: 'SELECT COUNT(*) FROM orders LEFT JOIN customers ON customer = id WHERE paid OR id IS NOT NULL',
  },
  {
    example:
      'SELECT COUNT(*) FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE customer = id AND amount > income)',
    instead:
      'SELECT COUNT(*) FROM customers c JOIN (SELECT customer, MAX(amount) AS most FROM orders GROUP BY customer) o ON customer = id WHERE most > income',
  },
  {
    example:
      'SELECT COUNT(*) FROM (SELECT customer, AVG(amount) AS mean FROM orders GROUP BY customer) t WHERE mean > 50',
    instead:
      'SELECT COUNT(*) FROM (SELECT SUM(amount) AS total, COUNT(*) AS n FROM orders GROUP BY customer) t WHERE total > 50 * n',
  },
  {
    example: 'SELECT channel FROM orders GROUP BY channel HAVING SUM(amount) / COUNT(*) > 50',
    instead: 'SELECT channel FROM orders GROUP BY channel HAVING AVG(amount) > 50',
  },
  {
    example:
      'SELECT COUNT(*) FROM (SELECT STDDEV_POP(amount) AS s FROM orders GROUP BY customer) t WHERE s > 9',
  },
  { example: 'SELECT SUM(amount / items) FROM orders' },
  {
    example: 'SELECT customer FROM orders UNION ALL SELECT id FROM customers',
    instead: 'SELECT DISTINCT a FROM (SELECT customer AS a FROM orders UNION ALL SELECT id FROM customers) t',
  },
  {
    example: 'SELECT COUNT(*) FROM (SELECT customer FROM orders UNION SELECT id FROM customers) t',
    instead:
      'SELECT COUNT(DISTINCT customer) FROM (SELECT customer FROM orders UNION ALL SELECT id FROM customers) t',
  },
  {
    example: 'SELECT COUNT(*) FROM (SELECT customer FROM orders INTERSECT SELECT id FROM customers) t',
    instead: 'SELECT COUNT(DISTINCT customer) FROM orders WHERE customer IN (SELECT id FROM customers)',
  },
  { example: 'WITH RECURSIVE t AS (SELECT customer FROM orders) SELECT COUNT(*) FROM t' },
  { example: 'SELECT COUNT(*) FROM orders, LATERAL (SELECT id FROM customers WHERE id = customer) t' },
  {
    example: 'SELECT DISTINCT ON (customer) customer, amount FROM orders',
    instead:
      'SELECT COUNT(*), SUM(amount) FROM (SELECT amount, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY day) AS n FROM orders) t WHERE n = 1',
  },
  {
    example: 'SELECT SUM(DISTINCT amount) FROM orders',
    instead: 'SELECT SUM(amount) FROM (SELECT DISTINCT amount FROM orders) t',
  },
  { example: "SELECT STRING_AGG(channel, ',') FROM orders" },
  {
    example: 'SELECT COUNT(*) FROM (SELECT RANK() OVER (ORDER BY amount) AS r FROM orders) t WHERE r < 9',
    instead:
      'SELECT COUNT(*) FROM (SELECT ROW_NUMBER() OVER (ORDER BY amount) AS r FROM orders) t WHERE r < 9',
  },
  {
    example:
      'SELECT SUM(s) FROM (SELECT SUM(amount) OVER (ORDER BY day ROWS 2 PRECEDING) AS s FROM orders) t',
    instead:
      'SELECT SUM(s) FROM (SELECT SUM(amount) OVER (ORDER BY day ROWS UNBOUNDED PRECEDING) AS s FROM orders) t',
  },
  {
    example: 'SELECT COUNT(*) FROM (SELECT amount FROM orders ORDER BY amount LIMIT 9 OFFSET 9) t',
    instead:
      'SELECT COUNT(*) FROM (SELECT ROW_NUMBER() OVER (ORDER BY amount) AS n FROM orders) t WHERE n BETWEEN 10 AND 18',
  },
  {
    example: 'SELECT MAX(day) + 1 FROM orders',
    instead: 'SELECT MAX(day + 1) FROM orders',
  },
  { example: 'SELECT SUM(amount * amount * amount * amount) FROM orders' },
  {
    example: "SELECT COUNT(*) FROM customers WHERE UPPER(region) = 'NORTH'",
    instead: "SELECT COUNT(*) FROM customers WHERE region ILIKE 'NORTH'",
  },
  {
    example: 'SELECT COUNT(*) FROM orders WHERE day > CURRENT_DATE',
    instead: "SELECT COUNT(*) FROM orders WHERE day > DATE '2024-06-01'",
  },
  { example: 'DELETE FROM orders' },
]
