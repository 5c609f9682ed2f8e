/** Each rule alone: a query before and after it, as printed plans. And none of them may widen what is disclosed. */
import { expect, test } from 'vitest'
import { bind } from '../../shared/sql/bind/bind.ts'
import { show } from '../../shared/sql/expression.ts'
import { parseQuery } from '../../shared/sql/parse.ts'
import { type Query, showQuery } from '../../shared/sql/query.ts'
import { RULES, rewrite } from '../../shared/sql/rewrite.ts'
import { avgToSumAndCount } from '../../shared/sql/rules/avg-to-sum-and-count.ts'
import { countNeverNull } from '../../shared/sql/rules/count-never-null.ts'
import { foldConstantComparison } from '../../shared/sql/rules/fold-constant-comparison.ts'
import { foldConstantExpression } from '../../shared/sql/rules/fold-constant-expression.ts'
import { foldDecidedCase } from '../../shared/sql/rules/fold-decided-case.ts'
import { mergeInList } from '../../shared/sql/rules/merge-in-list.ts'
import { pushDownNot } from '../../shared/sql/rules/push-down-not.ts'
import { rewriteBetween } from '../../shared/sql/rules/rewrite-between.ts'
import type { Rule } from '../../shared/sql/rules/rule.ts'
import { shareCommonAggregate } from '../../shared/sql/rules/share-common-aggregate.ts'
import { PAY } from './table.ts'

const bound = async (sql: string): Promise<Query> => bind(await parseQuery(sql), [{ schema: PAY, rows: 100 }])
const whereLine = (query: Query): string =>
  showQuery(query)
    .find(line => line.startsWith('filter '))
    ?.slice('filter '.length) ?? '(none)'

/** Condition before and after one rule. */
const CONDITIONS: readonly (readonly [Rule, string, string])[] = [
  [rewriteBetween, 'hours BETWEEN 1 AND 2', 'hours >= 1 AND hours <= 2'],
  [rewriteBetween, 'hours NOT BETWEEN 1 AND 2', 'NOT (hours >= 1 AND hours <= 2)'],

  [pushDownNot, 'NOT (hours > 1 AND remote)', 'hours <= 1 OR NOT remote'],
  [
    pushDownNot,
    'NOT (hours = 1 OR NOT (hours < 2 AND bonus >= 3))',
    'hours <> 1 AND hours < 2 AND bonus >= 3',
  ],
  [pushDownNot, 'NOT bonus IN (1, 2)', 'bonus NOT IN (1, 2)'],
  [pushDownNot, 'NOT bonus IS NULL', 'bonus IS NOT NULL'],
  [pushDownNot, '(bonus > 1) IS TRUE', 'bonus > 1'],
  [pushDownNot, '(bonus > 1) IS FALSE', 'bonus <= 1'],
  [pushDownNot, '(bonus > 1) IS NOT FALSE', '(bonus <= 1) IS NOT TRUE'],
  [pushDownNot, 'NOT (bonus > 1) IS FALSE', '(bonus <= 1) IS NOT TRUE'],
  [pushDownNot, '(bonus > 1) IS UNKNOWN', '(bonus > 1) IS NOT TRUE AND (bonus <= 1) IS NOT TRUE'],
  [pushDownNot, '(bonus > 1) IS NOT UNKNOWN', 'bonus > 1 OR bonus <= 1'],

  [foldConstantExpression, 'hours = 2 * 3 + 1.5', 'hours = 7.5'],
  [foldConstantExpression, 'hours + 0 > 1 * bonus', 'hours > bonus'],
  [foldConstantExpression, "hired < DATE '2020-01-31' + 30", "hired < DATE '2020-03-01'"],
  [foldConstantExpression, '-(-hours) > -(3)', 'hours > -3'],
  [foldConstantExpression, 'hours + NULL > 3', 'NULL > 3'],

  [mergeInList, 'hours = 1 OR hours IN (2, 2) OR remote OR hours = 1', 'hours IN (1, 2) OR remote'],
  [mergeInList, 'bonus <> 1 AND hours > 3 AND bonus NOT IN (1, 2)', 'bonus NOT IN (1, 2) AND hours > 3'],
  [mergeInList, 'hours IN (7, 7)', 'hours = 7'],
  [mergeInList, 'hours NOT IN (1, NULL)', 'FALSE'],
  [mergeInList, 'hours IN (1, NULL)', 'hours = 1'],
  [mergeInList, 'hours IN (1, 2, bonus)', 'hours IN (1, 2) OR hours = bonus'],
  [mergeInList, 'hours * 2 IN (2, 4)', 'hours * 2 = 2 OR hours * 2 = 4'],
  [mergeInList, 'hours = 1 AND hours = 2', 'hours = 1 AND hours = 2'],

  [foldConstantComparison, 'hours < 12.5', 'hours <= 12'],
  [foldConstantComparison, 'hours <= 12.5', 'hours <= 12'],
  [foldConstantComparison, 'hours > 12.5', 'hours >= 13'],
  [foldConstantComparison, 'hours < 12', 'hours <= 11'],
  [foldConstantComparison, 'bonus > -7.5', 'bonus >= -7'],
  [foldConstantComparison, 'bonus <= -7.5', 'bonus <= -8'],
  [foldConstantComparison, 'salary > 12.345', 'salary >= 12.35'],
  [foldConstantComparison, 'salary = 12.345', 'FALSE'],
  [foldConstantComparison, 'salary <> 12.345', 'salary IS NOT NULL'],
  [foldConstantComparison, 'hours <> 12.5', '(none)'],
  [foldConstantComparison, 'hours >= 0', '(none)'],
  [foldConstantComparison, 'hours > 60', 'FALSE'],
  [foldConstantComparison, 'bonus < 1000', 'bonus IS NOT NULL'],
  [foldConstantComparison, 'hours > 3 AND hours < 100', 'hours >= 4'],
  [foldConstantComparison, 'hours > 3 OR hours < 100', '(none)'],
  [foldConstantComparison, 'hours > 3 AND hours > 100', 'FALSE'],
  [foldConstantComparison, 'hours = NULL OR remote', 'remote'],
  [foldConstantComparison, '1 < 2.5 AND remote', 'remote'],
  [foldConstantComparison, 'hours IN (5, 99, 7.5)', 'hours = 5'],
  [foldConstantComparison, 'hours IN (99, 7.5)', 'FALSE'],
  [foldConstantComparison, 'bonus NOT IN (999, 7.5)', 'bonus IS NOT NULL'],
  [foldConstantComparison, 'hours IS NULL OR bonus IS NULL', 'bonus IS NULL'],
]

test.each(
  CONDITIONS.map(([rule, before, after]) => ({ rule, name: rule.name, before, after })),
)('$name: $before → $after', async ({ rule, before, after }) => {
  expect(whereLine(rule.apply(await bound(`SELECT COUNT(*) FROM pay WHERE ${before}`)))).toBe(after)
})

test('rules reach the conditions of CASE inside aggregates', async () => {
  const query = await bound('SELECT SUM(CASE WHEN NOT hours NOT BETWEEN 1.5 AND 99 THEN 2 * 3 END) FROM pay')
  expect(rewrite(query).aggregates.map(show)).toEqual(['SUM(CASE WHEN hours >= 2 THEN 6 ELSE NULL END)'])
})

/** Whole plans before and after one rule. */
const PLANS: readonly (readonly [Rule, string, readonly string[]])[] = [
  [
    avgToSumAndCount,
    'SELECT grade, AVG(bonus) AS mean FROM pay GROUP BY grade HAVING AVG(bonus) > 1.5 AND AVG(bonus) + 1 < AVG(hours)',
    [
      'scan pay',
      'aggregate [SUM(bonus), COUNT(bonus)] by [grade]',
      'having SUM(bonus) > 1.5 * COUNT(bonus) AND (SUM(bonus) + 1 * COUNT(bonus)) * COUNT(hours) < SUM(hours) * COUNT(bonus)',
      'project [grade, SUM(bonus) / COUNT(bonus) AS mean]',
    ],
  ],
  [
    countNeverNull,
    'SELECT COUNT(hours), COUNT(bonus), COUNT(CASE WHEN remote THEN 1 ELSE 0 END) FROM pay HAVING COUNT(grade) > 3',
    [
      'scan pay',
      'aggregate [COUNT(*), COUNT(bonus), COUNT(*)]',
      'having COUNT(*) > 3',
      'project [COUNT(*) AS count, COUNT(bonus) AS count, COUNT(*) AS count]',
    ],
  ],
  [
    foldDecidedCase,
    'SELECT SUM(CASE WHEN TRUE THEN hours END) AS a, SUM(CASE WHEN FALSE THEN 1 WHEN remote THEN bonus WHEN TRUE THEN 2 ELSE 3 END) AS b, COUNT(CASE WHEN FALSE THEN 1 ELSE hours END) AS c FROM pay HAVING SUM(CASE WHEN TRUE THEN hours END) > 3',
    [
      'scan pay',
      'aggregate [SUM(hours), SUM(CASE WHEN remote THEN bonus ELSE 2 END), COUNT(hours)]',
      'having SUM(hours) > 3',
      'project [SUM(hours) AS a, SUM(CASE WHEN remote THEN bonus ELSE 2 END) AS b, COUNT(hours) AS c]',
    ],
  ],
  // Types stay: of decimals, and of what is nothing but NULL.
  [
    foldDecidedCase,
    'SELECT SUM(CASE WHEN TRUE THEN hours ELSE 0.5 END) AS a, SUM(CASE WHEN FALSE THEN hours END) AS b FROM pay',
    [
      'scan pay',
      'aggregate [SUM(CASE WHEN TRUE THEN hours ELSE 0.5 END), SUM(CASE WHEN FALSE THEN hours ELSE NULL END)]',
      'project [SUM(CASE WHEN TRUE THEN hours ELSE 0.5 END) AS a, SUM(CASE WHEN FALSE THEN hours ELSE NULL END) AS b]',
    ],
  ],
  [
    shareCommonAggregate,
    'SELECT SUM(bonus) AS a, COUNT(*) AS b, SUM(bonus) AS c FROM pay',
    [
      'scan pay',
      'aggregate [SUM(bonus), COUNT(*)]',
      'project [SUM(bonus) AS a, COUNT(*) AS b, SUM(bonus) AS c]',
    ],
  ],
]

test.each(PLANS.map(([rule, sql, after]) => ({ rule, name: rule.name, sql, after })))('$name: $sql', async ({
  rule,
  sql,
  after,
}) => {
  expect(showQuery(rule.apply(await bound(sql)))).toEqual(after)
})

const DISCLOSING = [
  'SELECT grade, COUNT(*), AVG(bonus), SUM(bonus), COUNT(bonus) FROM pay WHERE NOT hours BETWEEN 2 AND 3 GROUP BY grade HAVING AVG(salary) > 3 ORDER BY 2 LIMIT 3',
  'SELECT SUM(CASE WHEN hours IN (1, 1) THEN bonus END) FROM pay WHERE hours > 70',
]

test.each(RULES.map(rule => ({ rule, name: rule.name })))('$name discloses no more than before', async ({
  rule,
}) => {
  for (const sql of DISCLOSING) {
    const before = await bound(sql)
    const after = rule.apply(before)
    // An average stands for its sum and its count, which the disclosure names; nothing else may be added.
    const allowed = new Set(
      before.aggregates.flatMap(of =>
        of.kind === 'avg'
          ? [show(of), show({ ...of, kind: 'sum' }), show({ ...of, kind: 'count' })]
          : [show(of), 'COUNT(*)'],
      ),
    )
    const rewritten = new Set(
      rewrite(before)
        .aggregates.map(show)
        .concat([...allowed]),
    )
    expect(after.items.map(item => item.name)).toEqual(before.items.map(item => item.name))
    expect(after.aggregates.map(show).filter(text => !rewritten.has(text) && !/CASE/.test(text))).toEqual([])
    expect(after.aggregates.length).toBeLessThanOrEqual(
      before.aggregates.length + before.aggregates.filter(of => of.kind === 'avg').length,
    )
    expect([after.keys, after.order, after.limit, after.offset]).toEqual([
      before.keys,
      before.order,
      before.limit,
      before.offset,
    ])
    expect(after.where === null && before.where !== null).toBe(false)
    expect(after.having === null && before.having !== null).toBe(false)
  }
})

test('a correlation of columns without NULLs is made of plain sums', async () => {
  const query = rewrite(await bound('SELECT CORR(hours, grade) AS r, CORR(hours, bonus) AS s FROM pay'))
  const [plain, guarded] = query.items.map(item => (item.kind === 'formula' ? show(item.of) : ''))
  expect(plain).toContain('SUM(hours * grade)')
  expect(plain).not.toContain('CASE')
  expect(guarded).toContain('CASE WHEN bonus IS NOT NULL THEN hours ELSE NULL END')
})

test('rules are done after one pass', async () => {
  for (const sql of DISCLOSING) {
    const once = rewrite(await bound(sql))
    expect(showQuery(rewrite(once))).toEqual(showQuery(once))
  }
})
