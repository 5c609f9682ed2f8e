/** Random questions over random rows with NULLs, three parties against DuckDB. A failure prints the seed and the query. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask } from './ask.ts'
import { openTwin } from './duckdb.ts'
import { createRandom, type Random, randomRows } from './table.ts'
import { type AskedAggregate, bothAnswers, type Question, querySql } from './twin.ts'

interface Value {
  readonly sql: string
  /** SQL for "the row contributes". */
  readonly contributes: string
  readonly isConstant: boolean
}

const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const
const KEYS = ['country', 'site', 'grade', 'gender', 'team', 'full_time', 'remote'] as const
const date = (random: Random): string =>
  `DATE '${random.between(2000, 2024)}-0${random.between(1, 9)}-1${random.below(10)}'`

const leafPredicate = (random: Random): string =>
  random.pick([
    () => `hours ${random.pick(COMPARISONS)} ${random.between(-5, 65)}`,
    () => `salary ${random.pick(COMPARISONS)} ${random.between(-200, 11_000)}.${random.between(100, 999)}`,
    () =>
      `bonus ${random.pick(['', 'NOT '])}BETWEEN ${random.between(-30, 60)} AND ${random.between(0, 110)}`,
    () =>
      `bonus ${random.pick(['', 'NOT '])}IN (${random.between(-20, 100)}, ${random.between(-20, 100)}${random.chance(0.2) ? ', NULL' : ''})`,
    () => `gender ${random.pick(['=', '<>'])} '${random.pick(['f', 'm', 'x'])}'`,
    () => `gender ${random.pick(['=', '<>'])} team`,
    () => `country ${random.pick(['', 'NOT '])}IN ('DE', 'IT')`,
    () => `${random.pick(['hired', 'left_on'])} ${random.pick(COMPARISONS)} ${date(random)}`,
    () => `hired ${random.pick(COMPARISONS)} left_on`,
    () =>
      `${random.pick(['remote', 'full_time'])}${random.pick(['', ' IS TRUE', ' IS NOT TRUE', ' IS FALSE', ' IS NOT FALSE', ' = FALSE', ' IS NULL'])}`,
    () =>
      `${random.pick(['salary', 'bonus', 'gender', 'site', 'hours'])} IS ${random.pick(['', 'NOT '])}NULL`,
    () => `bonus ${random.pick(COMPARISONS)} hours - ${random.between(0, 50)}`,
    () => `salary ${random.pick(COMPARISONS)} budget * ${random.between(1, 99)}.5`,
    () => `site ${random.pick(COMPARISONS)} ${random.between(0, 4)}`,
    () => `grade ${random.pick(COMPARISONS)} site`,
  ])()

const predicate = (random: Random, depth: number): string => {
  if (depth === 0 || random.chance(0.3)) return leafPredicate(random)
  return random.pick([
    () => `(${predicate(random, depth - 1)} AND ${predicate(random, depth - 1)})`,
    () => `(${predicate(random, depth - 1)} OR ${predicate(random, depth - 1)})`,
    () => `NOT (${predicate(random, depth - 1)})`,
    () =>
      `(${predicate(random, depth - 1)}) IS ${random.pick(['TRUE', 'NOT TRUE', 'FALSE', 'NULL', 'NOT NULL'])}`,
  ])()
}

const notNull = (sql: string): string => `(${sql}) IS NOT NULL`

const leafValue = (random: Random): Value => {
  const sql = random.pick(['hours', 'bonus', 'salary', 'budget', 'grade', 'site'])
  return { sql, contributes: notNull(sql), isConstant: false }
}

const number = (random: Random): Value => {
  const sql = random.pick(['2', '7', '0.5', '1.25', '-3'])
  return { sql, contributes: 'TRUE', isConstant: true }
}

const value = (random: Random, depth: number): Value => {
  if (depth === 0) return leafValue(random)
  const [left, right] = [
    value(random, depth - 1),
    random.chance(0.3) ? number(random) : value(random, depth - 1),
  ]
  return random.pick([
    (): Value => ({ sql: `-(${left.sql})`, contributes: left.contributes, isConstant: false }),
    (): Value => {
      const sql = `(${left.sql}) ${random.pick(['+', '-'])} (${right.sql})`
      const either = right.isConstant
        ? `(${left.contributes})`
        : `((${left.contributes}) OR (${right.contributes}))`
      return { sql, contributes: `${notNull(sql)} AND ${either}`, isConstant: false }
    },
    (): Value => ({
      sql: `(${left.sql}) * (${right.sql})`,
      contributes: `(${left.contributes}) AND (${right.contributes})`,
      isConstant: false,
    }),
    (): Value => {
      const when = predicate(random, 1)
      const otherwise = random.pick([
        { sql: '0', contributes: 'FALSE' },
        { sql: 'NULL', contributes: 'FALSE' },
        right,
      ])
      return {
        sql: `CASE WHEN ${when} THEN ${left.sql} ELSE ${otherwise.sql} END`,
        contributes: `CASE WHEN ${when} THEN ${left.contributes} ELSE ${otherwise.contributes} END`,
        isConstant: false,
      }
    },
  ])()
}

const aggregate = (random: Random): AskedAggregate => {
  const kind = random.pick(['count-star', 'count', 'sum', 'avg', 'sum'] as const)
  if (kind === 'count-star') return { kind }
  const { sql, contributes } = value(random, random.below(3))
  return { kind, argument: sql, contributes }
}

const having = (random: Random, aggregates: readonly AskedAggregate[], keys: readonly string[]): string => {
  const leaf = (): string => {
    const i = random.below(aggregates.length)
    const { kind } = aggregates[i] as AskedAggregate
    return random.pick([
      () => `{n} ${random.pick(COMPARISONS)} ${random.between(0, 30)}`,
      () => `{${i}} ${random.pick(COMPARISONS)} ${random.between(-20, 500)}`,
      () => (kind === 'avg' ? `{${i}} > 3.25` : `{${i}} > {n} * ${random.between(1, 40)}`),
      () => (keys.includes('grade') ? 'grade > 2' : keys.includes('gender') ? "gender <> 'f'" : '{n} > 9'),
    ])()
  }
  return random.pick([
    leaf,
    () => `${leaf()} AND ${leaf()}`,
    () => `${leaf()} OR ${leaf()}`,
    () => `NOT (${leaf()} OR ${leaf()})`,
  ])()
}

const randomQuestion = (random: Random): Question => {
  const keys = [...new Set(Array.from({ length: random.below(3) }, () => random.pick(KEYS)))]
  const aggregates = Array.from({ length: random.between(1, 3) }, () => aggregate(random))
  return {
    keys,
    aggregates,
    ...(random.chance(0.7) && { where: predicate(random, 2) }),
    ...(random.chance(0.5) && { having: having(random, aggregates, keys) }),
  }
}

test('three parties and DuckDB agree in every cell', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async seed => {
      const random = createRandom(seed)
      const rows = randomRows(random, random.between(20, 90), random.below(8))
      const minimum = random.pick([1, 2, 5])
      const question = randomQuestion(random)
      const sql = querySql(question)
      const twin = await openTwin(rows)
      const { report } = await ask(sql, rows, minimum)
      const { ours, theirs } = await bothAnswers(twin, question, minimum, report)
      twin.closeSync()
      expect(ours, `seed ${seed}, k = ${minimum}: ${sql}`).toEqual(theirs)
    }),
    { numRuns: Number(process.env.TRIAS_RUNS ?? 40) },
  )
})
