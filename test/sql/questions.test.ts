/** A list of questions, one for each thing that the subset promises, answered by three parties and by DuckDB. */
import { expect, test } from 'vitest'
import { ask } from './ask.ts'
import { openTwin } from './duckdb.ts'
import { createRandom, randomRows } from './table.ts'
import { bothAnswers, type Question, querySql } from './twin.ts'

const count = { kind: 'count-star' } as const
const sum = (argument: string, contributes?: string) =>
  ({ kind: 'sum', argument, ...(contributes && { contributes }) }) as const
const avg = (argument: string, contributes?: string) =>
  ({ kind: 'avg', argument, ...(contributes && { contributes }) }) as const
const counted = (argument: string) => ({ kind: 'count', argument }) as const
const where = (condition: string): Question => ({
  keys: [],
  aggregates: [count, sum('hours')],
  where: condition,
})
const having = (condition: string, ...aggregates: Question['aggregates']): Question => ({
  keys: ['grade'],
  aggregates: aggregates.length > 0 ? aggregates : [count, sum('salary'), avg('bonus'), counted('bonus')],
  having: condition,
})

const QUESTIONS: readonly Question[] = [
  // Aggregates
  { keys: [], aggregates: [count] },
  { keys: [], aggregates: [count, counted('salary'), sum('salary'), avg('salary')] },
  { keys: ['country'], aggregates: [sum('hours'), avg('hours'), counted('hours')] },
  {
    keys: ['grade'],
    aggregates: [sum('bonus * 2 - 3'), avg('-bonus'), sum('salary + bonus'), sum('salary * hours')],
  },
  {
    keys: ['grade'],
    aggregates: [sum('salary - 0.5 * bonus'), sum('(hours - 20) * (bonus + 1)'), counted('salary + bonus')],
  },
  {
    keys: ['gender'],
    aggregates: [sum('bonus + bonus'), counted('gender'), counted('remote'), counted('left_on')],
  },
  {
    keys: ['country'],
    aggregates: [
      sum('budget'),
      avg('budget'),
      sum('budget * salary'),
      sum('budget + hours'),
      counted('budget'),
    ],
  },
  {
    keys: [],
    aggregates: [sum('left_on - hired'), sum("hired - DATE '2010-01-01'"), counted('hired + hours')],
  },
  {
    keys: ['grade'],
    aggregates: [
      sum('CASE WHEN remote THEN 1 ELSE 0 END', 'remote'),
      sum('CASE WHEN remote THEN salary END', 'remote AND salary IS NOT NULL'),
    ],
  },
  {
    keys: [],
    aggregates: [
      avg('CASE WHEN hours > 30 THEN bonus ELSE 0 END', 'hours > 30 AND bonus IS NOT NULL'),
      counted('CASE WHEN hours > 30 THEN bonus END'),
    ],
  },
  {
    keys: ['country'],
    aggregates: [
      sum(
        'CASE WHEN grade = 1 THEN salary WHEN grade IN (2, 3) THEN 2 * bonus + 1 ELSE hours END',
        'CASE WHEN grade = 1 THEN salary IS NOT NULL WHEN grade IN (2, 3) THEN bonus IS NOT NULL ELSE TRUE END',
      ),
    ],
  },
  {
    keys: ['country'],
    aggregates: [
      sum("CASE gender WHEN 'f' THEN 1 WHEN 'm' THEN -1 END", "gender IN ('f', 'm')"),
      counted("CASE gender WHEN 'f' THEN 1 WHEN 'm' THEN -1 END"),
    ],
  },
  {
    keys: [],
    aggregates: [
      sum(
        'CASE WHEN full_time THEN CASE WHEN remote THEN 3 ELSE bonus END ELSE 0.25 END',
        'CASE WHEN full_time THEN CASE WHEN remote THEN TRUE ELSE bonus IS NOT NULL END ELSE TRUE END',
      ),
    ],
  },
  {
    keys: ['grade'],
    aggregates: [
      sum('CASE WHEN remote THEN hours ELSE 0 END + 1', 'remote'),
      sum('CASE WHEN remote THEN 1 ELSE 0 END * salary', 'remote AND salary IS NOT NULL'),
    ],
  },
  {
    keys: ['grade'],
    aggregates: [
      sum(
        'CASE WHEN remote THEN hours ELSE 0 END + CASE WHEN full_time THEN 1 ELSE 0 END',
        'remote OR full_time',
      ),
    ],
  },

  {
    keys: ['grade'],
    aggregates: [
      sum('CASE WHEN hours > 50 THEN 1 WHEN bonus > 30 THEN 2 WHEN hours > 20 THEN 3 ELSE 40 END', 'TRUE'),
      counted('CASE WHEN hours > 50 THEN 1 WHEN bonus > 30 THEN 2 WHEN hours > 20 THEN NULL ELSE 40 END'),
    ],
  },

  // Keys
  { keys: ['gender'], aggregates: [count, avg('salary')] },
  { keys: ['site'], aggregates: [count, sum('hours')] },
  { keys: ['country', 'site', 'gender'], aggregates: [count] },
  { keys: ['gender', 'country', 'grade'], aggregates: [count, sum('bonus')] },
  { keys: ['remote', 'full_time', 'grade'], aggregates: [count, avg('hours'), sum('salary')] },
  { keys: ['site', 'remote'], aggregates: [avg('salary')], where: 'hours >= 10' },

  // Integers and decimals
  ...[
    'hours = 20',
    'hours <> 20',
    'hours < 20',
    'hours <= 20',
    'hours > 20',
    'hours >= 20',
    '20 < hours',
    'hours < 0',
    'hours <= 60',
    'hours > 59.5',
    'salary > 1000',
    'salary = 12.345',
    'salary <> 12.345',
    'salary < 500.005',
    'salary >= 500.005',
    'salary <= -100.50',
    'bonus > -7',
    'bonus < -100',
    'bonus <> 1000',
    'NOT (salary > 1000)',
    'hours BETWEEN 10 AND 30',
    'hours NOT BETWEEN 10 AND 30',
    'hours BETWEEN 30 AND 10',
    'salary NOT BETWEEN 0 AND 100.001',
    'NOT (bonus NOT BETWEEN 0 AND 50)',
    'hours IN (1, 2, 3, 20)',
    'hours NOT IN (1, 2, 3, 20)',
    'hours IN (1, 99)',
    'bonus NOT IN (1, NULL)',
    'bonus IN (1, 2, NULL)',
    'hours = 1 OR hours = 2 OR hours IN (2, 7)',
    'bonus <> 1 AND bonus <> 2',
    'bonus * 2 IN (10, hours)',
  ].map(where),
  // Columns and expressions
  ...[
    'bonus < hours',
    'bonus = hours',
    'bonus <> hours',
    'salary > bonus * 10',
    'salary >= hours * 100.5',
    'hired < left_on',
    'hired = left_on',
    'NOT hired >= left_on',
    'left_on - hired > 365',
    'hired + 30 < left_on',
    'gender = team',
    'gender <> team',
    'remote = full_time',
    'salary * bonus < 1000',
    '-bonus > hours - 30',
    'budget > salary',
    'budget > 10.5',
    'budget IS NULL',
    'site = 1 OR hours > 50',
    'site IN (1, 2) AND NOT remote',
    'NOT (site = 2 AND remote)',
    'salary + bonus IS NULL',
    'CASE WHEN remote THEN salary ELSE bonus END > 40',
    'CASE WHEN remote THEN salary END IS NULL',
    'CASE WHEN hours > 50 THEN bonus WHEN remote THEN 2 WHEN hours > 20 THEN NULL ELSE 40 END IS NULL',
    'CASE WHEN hours > 50 THEN 1 WHEN bonus > 30 THEN 2 WHEN hours > 20 THEN 3 ELSE 40 END > 2',
  ].map(where),
  // Dates, booleans, categories, NULL
  ...[
    "hired >= DATE '2010-06-01'",
    "hired < '2010-06-01'",
    "left_on BETWEEN '2005-01-01' AND DATE '2015-12-31'",
    "hired > DATE '2010-01-31' + 28",
    "hired IN ('2000-01-01', '2024-12-31')",
    "left_on <> '1999-01-01'",
    'remote',
    'NOT remote',
    'remote IS TRUE',
    'remote IS NOT TRUE',
    'remote IS FALSE',
    'remote IS NOT FALSE',
    'remote = TRUE',
    'remote = FALSE',
    'remote <> TRUE',
    'full_time AND NOT remote',
    'remote IN (TRUE)',
    'TRUE',
    'FALSE OR hours > 3',
    'hours > 3 AND NULL',
    "gender = 'f'",
    "gender <> 'f'",
    "gender IN ('f', 'x')",
    "gender NOT IN ('f', 'x')",
    "gender NOT IN ('f', 'm', 'x')",
    "country = 'DE'",
    "country <> 'DE' AND gender = 'm'",
    'salary IS NULL',
    'salary IS NOT NULL',
    'hours IS NULL',
    'NOT (gender IS NULL)',
    'bonus = NULL',
    '(bonus > 3) IS NULL',
    '(bonus > 3) IS NOT NULL',
    '(bonus > 3 OR remote) IS NULL',
    '(bonus > 3) IS NOT TRUE',
    '(bonus > 3 AND salary < 100) IS FALSE',
    'NOT (bonus > 3 OR NOT (salary > 100 AND remote))',
    '(NULL) IS NULL',
  ].map(where),

  // HAVING
  ...[
    '{n} > 20',
    '{n} BETWEEN 20 AND 30',
    '{1} > 10000',
    '{1} > 10000 OR {n} > 25',
    'NOT ({1} > 10000)',
    '{2} > 25',
    '{2} <= 10.5 OR {1} > 0',
    '{3} < {n}',
    '{3} * 2 > {n} - 3',
    '{3} IN (10, 11, 12, 13)',
    'grade > 2 AND {n} > 15',
    'grade IN (1, 5) OR {1} < 50000',
    '{n} > 5 AND grade <> 3',
    '{1} > 10 * {n} + 100',
    'FALSE',
  ].map(condition => having(condition)),
  having('{0} > 0', sum('CASE WHEN remote THEN bonus ELSE 0 END', 'remote AND bonus IS NOT NULL')),
  { keys: ['gender'], aggregates: [count], having: "gender IS NULL OR gender = 'f'" },
  {
    keys: ['gender', 'country'],
    aggregates: [sum('bonus')],
    having: "{0} > 20 AND NOT (gender = 'f' AND country = 'DE')",
  },
  { keys: [], aggregates: [count], having: '{n} > 10' },
  { keys: [], aggregates: [count], having: '{n} > 1000' },
]

const SEED = 20_240_511
const rows = randomRows(createRandom(SEED), 110, 9)
const twin = openTwin(rows)

test.each(QUESTIONS.map(question => ({ question, sql: querySql(question) })))('$sql', async ({
  question,
  sql,
}) => {
  for (const minimum of question.keys.length === 1 ? [1, 8] : [3]) {
    const { report } = await ask(sql, rows, minimum)
    const { ours, theirs } = await bothAnswers(await twin, question, minimum, report)
    expect(ours, `seed ${SEED}, k = ${minimum}`).toEqual(theirs)
  }
})
