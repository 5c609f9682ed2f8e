/**
 * Random statements over the random tables, kept in parts so that a failing one can lose parts until it is short. What a
 * part says is the same in PostgreSQL and in DuckDB, but for what `difference` knows.
 */
import type { Random } from '../table.ts'

export interface Statement {
  /** SELECT DISTINCT keys. */
  readonly distinct?: boolean
  readonly keys: readonly string[]
  readonly aggregates: readonly string[]
  readonly from: string
  readonly where: readonly string[]
  readonly having: readonly string[]
  /** After everything else: ORDER BY and LIMIT. */
  readonly tail: string
}

export const sqlOf = ({ distinct, keys, aggregates, from, where, having, tail }: Statement): string =>
  [
    `SELECT ${distinct ? 'DISTINCT ' : ''}${[...keys, ...aggregates].join(', ')}`,
    `FROM ${from}`,
    ...(where.length > 0 ? [`WHERE ${where.join(' AND ')}`] : []),
    ...(keys.length > 0 && aggregates.length > 0 ? [`GROUP BY ${keys.join(', ')}`] : []),
    ...(having.length > 0 ? [`HAVING ${having.join(' AND ')}`] : []),
    ...(tail === '' ? [] : [tail]),
  ].join(' ')

/** Every statement with one part less. */
export const smallerThan = (of: Statement): readonly Statement[] => {
  const without = (name: 'keys' | 'aggregates' | 'where' | 'having'): readonly Statement[] =>
    of[name].map((_, i) => ({ ...of, [name]: of[name].filter((_, j) => j !== i) }))
  return [
    ...(of.tail === '' ? [] : [{ ...of, tail: '' }]),
    ...without('having'),
    ...without('where'),
    ...(of.aggregates.length > 1 ? without('aggregates') : []),
    ...(of.aggregates.length > 0 || of.keys.length > 1 ? without('keys') : []),
  ]
}

// ── expressions ─────────────────────────────────────────────────────────────────────────────────────────────────────

interface Names {
  readonly numbers: readonly string[]
  readonly categories: readonly string[]
  readonly dates: readonly string[]
  readonly booleans: readonly string[]
  /** Compared, grouped by in inner queries and counted, never shown. */
  readonly texts: readonly string[]
  /** Integers that rows are unique by, or point with. */
  readonly ids: readonly string[]
}

const namesOf = (prefix: string): Names => ({
  numbers: [`${prefix}_n1`, `${prefix}_n2`],
  categories: [`${prefix}_c`],
  dates: [`${prefix}_d`],
  booleans: [`${prefix}_f`],
  texts: [`${prefix}_x`],
  ids: prefix === 't' ? ['t_id', 't_u'] : prefix === 'u' ? ['u_id'] : ['w_t'],
})

const together = (all: readonly Names[]): Names => ({
  numbers: all.flatMap(names => names.numbers),
  categories: all.flatMap(names => names.categories),
  dates: all.flatMap(names => names.dates),
  booleans: all.flatMap(names => names.booleans),
  texts: all.flatMap(names => names.texts),
  ids: all.flatMap(names => names.ids),
})

const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const

const numberText = (random: Random): string =>
  random.pick(['0', '1', '-2', '3', '1003', '2.5', '0.01', '-0.5', '40000'])

const dateText = (random: Random): string =>
  random.pick([
    "DATE '2020-01-01'",
    "DATE '2020-02-29'",
    "DATE '2019-12-31'",
    "DATE '2020-03-01'",
    "DATE '2030-01-01'",
  ])

const value = (random: Random, names: Names, depth: number): string => {
  const number = (): string => random.pick([...names.numbers, ...names.numbers, ...names.ids])
  if (depth === 0) return number()
  return random.pick([
    number,
    () => `${value(random, names, depth - 1)} ${random.pick(['+', '-'])} ${number()}`,
    () => `(${value(random, names, depth - 1)}) * ${random.pick(['2', '-1', '0.5', number()])}`,
    () => `-(${value(random, names, depth - 1)})`,
    () =>
      `CASE WHEN ${condition(random, names, depth - 1)} THEN ${value(random, names, depth - 1)} ELSE ${random.pick(['0', 'NULL', '7', number()])} END`,
    () => `COALESCE(${number()}, ${random.pick(['0', '5', number()])})`,
  ])()
}

const leafCondition = (random: Random, names: Names): string =>
  random.pick([
    () =>
      `${random.pick([...names.numbers, ...names.ids])} ${random.pick(COMPARISONS)} ${numberText(random)}`,
    () =>
      `${random.pick(names.numbers)} ${random.pick(COMPARISONS)} ${random.pick([...names.numbers, ...names.ids])}`,
    () => `${random.pick(names.ids)} ${random.pick(['', 'NOT '])}BETWEEN 2 AND ${random.between(1, 9)}`,
    () =>
      `${random.pick(names.numbers)} ${random.pick(['', 'NOT '])}IN (0, 1, 1003${random.chance(0.2) ? ', NULL' : ''})`,
    () => `${random.pick(names.categories)} ${random.pick(['=', '<>'])} ${random.pick(["'red'", "'blue'"])}`,
    () => `${random.pick(names.categories)} ${random.pick(['', 'NOT '])}IN ('red', 'green')`,
    () =>
      `${random.pick(names.texts)} ${random.pick(['=', '<>'])} ${random.pick([...names.texts, "'anna'", "'zoe'", "'nobody'"])}`,
    () => `${random.pick(names.texts)} ${random.pick(['', 'NOT '])}IN ('zoe', 'bo')`,
    () => `${random.pick(names.dates)} ${random.pick(COMPARISONS)} ${dateText(random)}`,
    () =>
      `${random.pick(names.booleans)}${random.pick(['', ' IS TRUE', ' IS NOT TRUE', ' IS FALSE', ' IS NULL', ' = FALSE'])}`,
    () =>
      `${random.pick([...names.numbers, ...names.categories, ...names.dates, ...names.texts])} IS ${random.pick(['', 'NOT '])}NULL`,
  ])()

const condition = (random: Random, names: Names, depth: number): string => {
  if (depth <= 0 || random.chance(0.4)) return leafCondition(random, names)
  return random.pick([
    () => `(${condition(random, names, depth - 1)} AND ${condition(random, names, depth - 1)})`,
    () => `(${condition(random, names, depth - 1)} OR ${condition(random, names, depth - 1)})`,
    () => `NOT (${condition(random, names, depth - 1)})`,
    () =>
      `(${condition(random, names, depth - 1)}) IS ${random.pick(['TRUE', 'NOT TRUE', 'NULL', 'NOT FALSE'])}`,
  ])()
}

// ── FROM ────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface From {
  readonly sql: string
  readonly names: Names
  /** Conditions with subqueries that fit. */
  readonly subqueries: readonly string[]
}

const T = namesOf('t')
const U = namesOf('u')
const W = namesOf('w')

const aboutT = (random: Random): readonly string[] => [
  `t_n1 ${random.pick(COMPARISONS)} (SELECT ${random.pick(['MIN', 'MAX', 'SUM', 'COUNT'])}(${random.pick(U.numbers)}) FROM u WHERE ${leafCondition(random, U)})`,
  `${random.pick(T.numbers)} ${random.pick(['<', '>'])} (SELECT ${random.pick(['MIN', 'MAX', 'SUM', 'COUNT'])}(${random.pick(W.numbers)}) FROM w WHERE w_t = t_id AND ${leafCondition(random, W)})`,
  // DuckDB divides in binary, which is exact enough for integers.
  `(t_id > (SELECT AVG(u_id) FROM u) OR t_id <= (SELECT AVG(w_t) FROM w WHERE w_f = t_f))`,
  `EXISTS (SELECT * FROM w WHERE w_t = t_id AND ${leafCondition(random, W)})`,
  `NOT EXISTS (SELECT * FROM w WHERE w_t = t_id)`,
  `${random.pick(['', 'NOT '])}EXISTS (SELECT * FROM u WHERE u_x = t_x AND ${leafCondition(random, U)})`,
  `t_x IN (SELECT u_x FROM u WHERE ${leafCondition(random, U)})`,
  `t_x NOT IN (SELECT u_x FROM u WHERE u_x IS NOT NULL)`,
  `t_id IN (SELECT w_t FROM w WHERE ${leafCondition(random, W)})`,
  `EXISTS (SELECT * FROM u WHERE u_id = t_u AND ${leafCondition(random, U)})`,
  `NOT EXISTS (SELECT * FROM u WHERE u_id = t_u AND ${leafCondition(random, U)})`,
  `t_id IN (SELECT w_t FROM w GROUP BY w_t HAVING COUNT(*) > 1)`,
  `t_u IN (SELECT u_id FROM u WHERE u_n1 IS NOT NULL ORDER BY u_id LIMIT 3)`,
  `t_id ${random.pick(COMPARISONS)} (SELECT ${random.pick(['MIN(u_id)', 'COUNT(*)', 'MAX(u_id) - 2', 'COUNT(u_n2)'])} FROM u WHERE ${leafCondition(random, U)})`,
  `t_id > (SELECT ${random.pick(['COUNT(*)', 'MAX(w_t)', 'SUM(w_n1)'])} FROM w WHERE w_t = t_id)`,
]

const derivedNames: Names = {
  numbers: ['x.n', 'x.s'],
  categories: ['x.c'],
  dates: ['x.d'],
  booleans: ['x.f'],
  texts: ['x.x'],
  ids: ['x.n'],
}

const derived = (sql: string): From => ({ sql: `(${sql}) x`, names: derivedNames, subqueries: [] })

const innerGroup = (random: Random): string =>
  `SELECT t_c AS c, t_f AS f, t_x AS x, MIN(t_d) AS d, COUNT(${random.pick(['*', 't_n1'])}) AS n, ${random.pick(['SUM', 'MIN', 'MAX'])}(${random.pick(T.numbers)}) AS s FROM t${random.chance(0.5) ? ` WHERE ${condition(random, T, 1)}` : ''} GROUP BY t_c, t_f, t_x${random.chance(0.3) ? ' HAVING COUNT(*) > 1' : ''}`

const innerRows = (random: Random, prefix: string, names: Names): string =>
  `SELECT ${prefix}_c AS c, ${prefix}_f AS f, ${prefix}_x AS x, ${prefix}_d AS d, ${names.ids[0]} AS n, ${value(random, { ...names, numbers: ['1', ...names.ids] }, 1)} AS s FROM ${prefix}${random.chance(0.6) ? ` WHERE ${condition(random, names, 1)}` : ''}`

const windowed = (random: Random): string => {
  const over = random.pick([
    'PARTITION BY t_c ORDER BY t_id',
    'PARTITION BY t_f ORDER BY t_id DESC',
    'PARTITION BY t_x ORDER BY t_id',
    'ORDER BY t_id',
    'ORDER BY t_c NULLS FIRST, t_id',
  ])
  // Rows that are equal here count together.
  const ties = random.pick([
    'ORDER BY t_c NULLS LAST',
    'PARTITION BY t_c ORDER BY t_d DESC NULLS FIRST',
    'PARTITION BY t_f ORDER BY t_n1 NULLS LAST',
    'ORDER BY t_f DESC NULLS LAST, t_n2 NULLS FIRST',
  ])
  const call = random.pick([
    `ROW_NUMBER() OVER (${over})`,
    `SUM(t_id) OVER (${over}${random.pick(['', ' ROWS UNBOUNDED PRECEDING'])})`,
    `SUM(${random.pick(['t_id', '1', 't_id * 2 - 5'])}) OVER (${ties})`,
    `LAG(t_n1) OVER (${over})`,
    'SUM(t_id) OVER (PARTITION BY t_c)',
  ])
  return `SELECT t_c AS c, t_f AS f, t_x AS x, t_d AS d, t_id AS n, ${call} AS s FROM t`
}

/** Windows over groups, such as how many are at risk. */
const windowedGroups = (random: Random): string => {
  const over = random.pick([
    'ORDER BY g.d DESC NULLS LAST',
    'PARTITION BY g.f ORDER BY g.d NULLS FIRST',
    'PARTITION BY g.f',
    'ORDER BY g.n',
  ])
  return `SELECT g.c AS c, g.f AS f, g.x AS x, g.d AS d, g.n AS n, SUM(g.n) OVER (${over}) AS s FROM (SELECT MAX(t_n1) AS m, t_f AS f, t_x AS x, t_d AS d, t_c AS c, COUNT(*) AS n FROM t GROUP BY t_f, t_x, t_d, t_c) g`
}

/** The first rows of an order, which no two share. */
const firstRows = (random: Random): string =>
  `SELECT t_c AS c, t_f AS f, t_x AS x, t_d AS d, t_id AS n, ${random.pick(['t_id', 't_id * 3', '5 - t_id'])} AS s FROM t${random.chance(0.5) ? ` WHERE ${condition(random, T, 1)}` : ''} ORDER BY ${random.pick(['', '', 'c NULLS LAST, ', 'd NULLS FIRST, '])}t_id${random.pick(['', ' DESC'])} LIMIT ${random.between(1, 9)}`

const randomFrom = (random: Random): From =>
  random.pick<() => From>([
    () => ({ sql: 't', names: T, subqueries: aboutT(random) }),
    () => ({ sql: 't JOIN u ON t_u = u_id', names: together([T, U]), subqueries: aboutT(random) }),
    () => ({ sql: 't LEFT JOIN u ON t_u = u_id', names: together([T, U]), subqueries: aboutT(random) }),
    () => ({ sql: 'w JOIN t ON w_t = t_id', names: together([W, T]), subqueries: aboutT(random) }),
    () => ({ sql: 't JOIN w ON t_id = w_t', names: together([T, W]), subqueries: [] }),
    () => ({
      sql: `t ${random.pick(['', 'LEFT '])}JOIN (SELECT u_x AS g, COUNT(*) AS many, SUM(u_id) AS total FROM u GROUP BY u_x) y ON t_x = g`,
      names: { ...T, numbers: [...T.numbers, 'y.many', 'y.total'], texts: ['t_x', 'y.g'] },
      subqueries: [],
    }),
    () => ({ sql: 't LEFT JOIN w ON t_id = w_t', names: together([T, W]), subqueries: [] }),
    () => ({
      sql: 'w JOIN t ON w_t = t_id JOIN u ON t_u = u_id',
      names: together([T, U, W]),
      subqueries: aboutT(random),
    }),
    () => derived(innerGroup(random)),
    () => derived(innerRows(random, 't', T)),
    () => derived(`${innerRows(random, 't', T)} UNION ALL ${innerRows(random, 'u', U)}`),
    () =>
      derived(
        `${innerRows(random, 't', T)} UNION ALL ${innerRows(random, 'u', U)} UNION ALL ${innerRows(random, 'w', W)}`,
      ),
    () => derived(windowed(random)),
    () => derived(windowedGroups(random)),
    () => derived(firstRows(random)),
    () =>
      derived(
        `SELECT y.c, y.f, y.x, y.d, y.n + 1 AS n, y.s AS s FROM (${innerGroup(random)}) y WHERE y.n > 1`,
      ),
    () => ({
      sql: `t LEFT JOIN (${innerRows(random, 'u', U)}) x ON t_u = x.n`,
      names: together([T, derivedNames]),
      subqueries: [],
    }),
    () => ({
      sql: `u JOIN (SELECT t_u AS u, t_c AS c, t_f AS f, MAX(t_d) AS d, COUNT(*) AS n, SUM(t_id) AS s FROM t GROUP BY t_u, t_c, t_f) y ON u_id = y.u`,
      names: { ...U, numbers: [...U.numbers, 'y.n', 'y.s'], dates: [...U.dates, 'y.d'] },
      subqueries: [],
    }),
    () => ({
      sql: 't CROSS JOIN (SELECT COUNT(*) AS all_rows, MAX(u_n1) AS most FROM u) m',
      names: { ...T, numbers: [...T.numbers, 'm.all_rows', 'm.most'] },
      subqueries: [],
    }),
    () => ({
      sql: 't JOIN (SELECT w_t AS id, COUNT(*) AS many, SUM(w_n1) AS total FROM w GROUP BY w_t) g ON t_id = g.id',
      names: { ...T, numbers: [...T.numbers, 'g.many', 'g.total'] },
      subqueries: [],
    }),
  ])()

// ── statements ──────────────────────────────────────────────────────────────────────────────────────────────────────

const aggregate = (random: Random, names: Names): string =>
  `${anyAggregate(random, names)}${random.chance(0.2) ? ` FILTER (WHERE ${condition(random, names, 1)})` : ''}`

const anyAggregate = (random: Random, names: Names): string =>
  random.pick([
    () => 'COUNT(*)',
    () => `COUNT(${random.pick([...names.numbers, ...names.categories, ...names.texts])})`,
    () => `SUM(${value(random, names, random.below(3))})`,
    () => `AVG(${value(random, names, random.below(2))})`,
    () => `MIN(${random.pick([...names.numbers, ...names.dates])})`,
    () => `MAX(${value(random, names, random.below(2))})`,
    () =>
      `COUNT(DISTINCT ${random.pick([...names.numbers, ...names.categories, ...names.dates, ...names.texts])})`,
    () =>
      `PERCENTILE_DISC(${random.pick(['0', '0.25', '0.5', '0.9', '1'])}) WITHIN GROUP (ORDER BY ${random.pick(names.numbers)})`,
    () => `SUM(CASE WHEN ${condition(random, names, 1)} THEN 1 ELSE 0 END)`,
    () =>
      `PERCENTILE_CONT(${random.pick(['0', '0.25', '0.5', '1'])}) WITHIN GROUP (ORDER BY ${random.pick(names.ids)})`,
    () => `MEDIAN(${random.pick(names.ids)})`,
    () => `${random.pick(['VAR_POP', 'STDDEV_POP'])}(${random.pick(names.ids)})`,
    () => `COVAR_POP(${random.pick(names.ids)}, ${random.pick(names.ids)})`,
    () => `MAX(${value(random, names, random.below(3))})`,
  ])()

/** What the recipient makes of totals, and of keys that are there. */
const formula = (random: Random, names: Names, keys: readonly string[]): string => {
  const category = keys.find(key => names.categories.includes(key))
  return random.pick([
    () => `SUM(${random.pick(names.numbers)}) - COUNT(*)`,
    () => `SUM(${random.pick(names.numbers)}) / COUNT(*)`,
    () => `CASE WHEN COUNT(*) > 2 THEN SUM(${random.pick(names.ids)}) ELSE -1 END`,
    () => `COALESCE(MAX(${random.pick(names.numbers)}), 0) * 2`,
    () =>
      category === undefined
        ? `MAX(${random.pick(names.ids)}) - MIN(${random.pick(names.ids)})`
        : `CASE WHEN ${category} = 'red' THEN COUNT(*) WHEN ${category} IS NULL THEN -1 ELSE SUM(${random.pick(names.ids)}) END`,
  ])()
}

const havingPart = (random: Random, names: Names): string =>
  random.pick([
    () => `COUNT(*) ${random.pick(COMPARISONS)} ${random.between(0, 4)}`,
    () => `SUM(${random.pick(names.numbers)}) ${random.pick(COMPARISONS)} ${numberText(random)}`,
    () => `AVG(${random.pick(names.numbers)}) ${random.pick(['<', '>='])} 1.5`,
    () => `MIN(${random.pick(names.numbers)}) ${random.pick(['<', '>'])} COUNT(*)`,
    () => `COUNT(DISTINCT ${random.pick(names.numbers)}) ${random.pick(['<', '>='])} 2`,
    () =>
      `(MAX(${random.pick(names.ids)}) > 5 OR NOT COUNT(${random.pick(names.numbers)}) ${random.pick(COMPARISONS)} 2)`,
  ])()

const list = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make)

export const randomStatement = (random: Random): Statement => {
  const { sql: from, names, subqueries } = randomFrom(random)
  const where = [
    ...(random.chance(0.5) ? [condition(random, names, 2)] : []),
    ...(subqueries.length > 0 && random.chance(0.3) ? [random.pick(subqueries)] : []),
  ]
  if (from === 't' && random.chance(0.3))
    return {
      keys: [
        't_id',
        ...list(random.below(3), () => random.pick([...names.numbers, ...names.categories, ...names.dates])),
      ],
      aggregates: [],
      from,
      where,
      having: [],
      tail: `ORDER BY ${random.pick(['t_id', 't_id DESC'])}${random.chance(0.7) ? ` LIMIT ${random.between(1, 9)}` : ''}`,
    }
  const choices: readonly string[] = [
    ...names.categories,
    ...names.booleans,
    ...names.dates,
    ...names.numbers,
    ...names.ids,
  ]
  const keys = [...new Set(list(random.below(3), () => random.pick(choices)))]
  if (keys.length > 0 && random.chance(0.1))
    return { distinct: true, keys, aggregates: [], from, where, having: [], tail: '' }
  const isTop = keys.length > 0 && random.chance(0.25)
  // Averages are rounded differently; what an order finds equal, the keys order.
  const first = isTop
    ? [random.pick(['COUNT(*)', `SUM(${random.pick(names.numbers)})`, `MAX(${random.pick(names.ids)})`])]
    : []
  const nulls = (): string => random.pick([' NULLS FIRST', ' DESC NULLS LAST', ' NULLS LAST'])
  return {
    keys,
    aggregates: [
      ...first,
      ...list(random.between(isTop ? 0 : 1, 3), () =>
        random.chance(0.15) ? formula(random, names, keys) : aggregate(random, names),
      ),
    ],
    from,
    where,
    having: random.chance(0.25) ? [havingPart(random, names)] : [],
    tail: isTop
      ? `ORDER BY ${keys.length + 1}${random.pick(['', ' DESC'])} NULLS LAST, ${keys.map((_, i) => `${i + 1}${nulls()}`).join(', ')} LIMIT ${random.between(1, 6)}${random.pick(['', '', ' OFFSET 1'])}`
      : '',
  }
}
