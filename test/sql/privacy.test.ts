/** Reports with a privacy budget: the noise has its distribution, is secret and repeatable, and everything else is exact. */
import { describe, expect, test } from 'vitest'
import { tableSchema } from '../../shared/data/schema.ts'
import { compile } from '../../shared/sql/compile.ts'
import { discreteLaplace } from '../../shared/sql/operator/noise.ts'
import { digitsOf } from '../../shared/sql/privacy.ts'
import { runThree, valuesOfField } from '../support/three-parties.ts'
import { answerOfReport } from './logic/three-ways.ts'
import { askOwned, type OwnedTable } from './owned.ts'
import { createRandom, PAY, randomRows } from './table.ts'

// ── the distribution ────────────────────────────────────────────────────────────────────────────────────────────────

const draws = async (
  milliEpsilon: number,
  totals: number,
  sensitivity: bigint,
  count: number,
  seed: string,
) => {
  const noise = {
    slot: 'n',
    sensitivity: `${sensitivity}`,
    digits: digitsOf(milliEpsilon, totals, sensitivity),
  }
  const run = await runThree(session => discreteLaplace(session, noise, count), { seed })
  return valuesOfField(run.results as Parameters<typeof valuesOfField>[0]).map(Number)
}

/** P(X = x) of the discrete Laplace distribution. */
const probability = (q: number, x: number): number => ((1 - q) / (1 + q)) * q ** Math.abs(x)

test.each([
  [1000, 1, 2n],
  [3000, 2, 2n],
  [500, 1, 1n],
])(
  'discrete Laplace: ε = %i / 1000 over %i totals, Δ = %i',
  { timeout: 120_000 },
  async (milli, totals, sensitivity) => {
    const count = 8192
    const q = Math.exp(-milli / 1000 / totals / Number(sensitivity))
    const values = await draws(milli, totals, sensitivity, count, 'distribution')
    // Bins of x, and one for each tail; Pearson's statistic against the exact probabilities.
    const far = 4
    const bins = Array.from({ length: 2 * far + 1 }, (_, i) => i - far)
    const inside = bins.map(x => ({ seen: values.filter(v => v === x).length, p: probability(q, x) }))
    const tail = q ** (far + 1) / (1 + q)
    const all = [
      ...inside,
      { seen: values.filter(v => v > far).length, p: tail },
      { seen: values.filter(v => v < -far).length, p: tail },
    ]
    expect(all.reduce((sum, { p }) => sum + p, 0)).toBeCloseTo(1, 9)
    const statistic = all.reduce((sum, { seen, p }) => sum + (seen - count * p) ** 2 / (count * p), 0)
    // 10 degrees of freedom: above 35 with probability 0.0001.
    expect(statistic).toBeLessThan(35)
  },
)

test('digits have the probabilities of a geometric variable, and end where they are below 2^-60', () => {
  const digits = digitsOf(500, 3, 7n)
  const q = Math.exp(-0.5 / 21)
  digits.slice(0, 9).forEach((text, i) => {
    const power = q ** (2 ** i)
    expect(Number(text) / 2 ** 60).toBeCloseTo(power / (1 + power), 12)
  })
  expect(q ** (2 ** digits.length)).toBeLessThan(2 ** -59)
  // A wide one, as for money: exact far beyond what a float holds.
  const wide = digitsOf(100, 4, 20_000_000n)
  expect(wide.length).toBe(35)
  expect(BigInt(wide[0] as string)).toBeLessThan(1n << 59n)
  expect(BigInt(wide[0] as string)).toBeGreaterThan((1n << 59n) - (1n << 32n))
})

test('one run draws the same noise again, another run other noise', async () => {
  const [a, again, other] = await Promise.all(['a', 'a', 'b'].map(seed => draws(100, 1, 2n, 64, seed)))
  expect(again).toEqual(a)
  expect(other).not.toEqual(a)
})

// ── reports ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const USES = ['filter', 'group', 'join', 'aggregate', 'show'] as const
const VISITS = tableSchema.parse({
  table: 'visits',
  columns: [
    {
      name: 'ward',
      type: { kind: 'integer', min: 1, max: 4 },
      nullable: false,
      visibility: 'secret',
      uses: USES,
    },
    {
      name: 'days',
      type: { kind: 'integer', min: 0, max: 30 },
      nullable: true,
      visibility: 'secret',
      uses: USES,
    },
    {
      name: 'code',
      type: { kind: 'integer', min: 1, max: 90_000 },
      nullable: false,
      visibility: 'secret',
      uses: USES,
    },
  ],
})
const owners = (epsilon = '2', rowsPerPerson?: number) => [
  { name: 'alder', policy: { privacyBudget: { epsilon, ...(rowsPerPerson && { rowsPerPerson }) } } },
  { name: 'birch' },
]
const visits = (count: number): OwnedTable => {
  const rows = randomRows(createRandom(3), count, 4, VISITS)
  return { schema: VISITS, rows, owners: owners('1000'), places: rows.valid.map((_, i) => i % 2) }
}

describe('what is not noise is exact', () => {
  test('with an ε so large that counts carry none, parties and evaluator agree, minimum included', async () => {
    const sql = 'SELECT ward, COUNT(*) AS n FROM visits WHERE days > 3 GROUP BY ward ORDER BY ward'
    const { report, evaluated, announced, measured } = await askOwned(sql, [visits(40)], 8, '1000')
    expect(answerOfReport(report)).toEqual(answerOfReport(evaluated))
    expect(report.counts.suppressed).toBeGreaterThanOrEqual(0)
    expect(announced).toEqual(measured)
  })

  test('totals are off by the noise alone, which has the spread that is announced', async () => {
    const sql =
      'SELECT ward, SUM(days) AS s, AVG(days) AS m, COUNT(*) AS n FROM visits GROUP BY ward ORDER BY ward'
    const { report, evaluated, announced, measured } = await askOwned(sql, [visits(80)], 1, '100')
    // Δ = 60, three totals, ε = 100: a scale of 1.8, so 40 is out of reach.
    const sums = answerOfReport(report).map(row => Number(row[1]))
    const exact = answerOfReport(evaluated).map(row => Number(row[1]))
    expect(sums).not.toEqual(exact)
    sums.forEach((sum, i) => {
      expect(Math.abs(sum - (exact[i] as number))).toBeLessThan(40)
    })
    expect(announced).toEqual(measured)
  })
})

const compiled = (sql: string, epsilon: string | undefined, owned = owners()) =>
  compile(sql, { tables: [{ schema: VISITS, rows: 60, owners: owned }], minimumGroupSize: 5, epsilon })
const SQL = 'SELECT ward, AVG(days) FROM visits GROUP BY ward'

test('sensitivity follows from bounds and rows of a person, and every total is looked at with noise only', async () => {
  const { plan } = await compiled(SQL, '0.5', owners('2', 3))
  const [noise, threshold] = plan.perCell
  expect(threshold).toMatchObject({ operator: 'threshold' })
  expect(noise).toMatchObject({
    operator: 'noise',
    privacy: {
      milliEpsilon: 500,
      rowsPerPerson: 3,
      slots: [
        { slot: 'COUNT(*)', sensitivity: '6' },
        { slot: 'COUNT(days)', sensitivity: '6' },
        { slot: 'SUM(days)', sensitivity: '180' },
      ],
    },
  })
  const named =
    plan.form === 'cells'
      ? plan.perBlock.flatMap(step => (step.operator === 'aggregate' ? step.slots : []))
      : []
  const noisy = noise?.operator === 'noise' ? noise.privacy.slots.map(({ slot }) => slot) : []
  expect(noisy.toSorted()).toEqual(named.toSorted())
})

test('the disclosure says ε, what it protects, the spread, and whose budget pays', async () => {
  const { disclosure } = await compiled(SQL, '0.5')
  const notes = disclosure.notes.join('\n')
  expect(notes).toContain(
    'ε = 0.5 for the report, shared by 3 totals. Replacing one row makes no result more than exp(ε) times as likely, up to 2^-30.',
  )
  expect(notes).toContain('COUNT(*) 17, COUNT(days) 17, SUM(days) 510')
  expect(notes).toContain('The run spends ε = 0.5 of each budget: alder for visits: 2.')
})

test.each([
  ['no ε', SQL, undefined, owners(), 'policy-privacy', 'no exact total'],
  [
    'a join',
    'SELECT COUNT(*) FROM visits a JOIN (SELECT code, COUNT(*) AS n FROM visits GROUP BY code) b ON a.code = b.code',
    '1',
    owners(),
    'policy-privacy',
    'of one table',
  ],
  [
    'an inner query',
    'SELECT COUNT(*) FROM (SELECT ward FROM visits) v',
    '1',
    owners(),
    'policy-privacy',
    'of one table',
  ],
  ['a value of one row', 'SELECT MAX(days) FROM visits', '1', owners(), 'policy-privacy', 'of one table'],
  [
    'a wide key',
    'SELECT code, COUNT(*) FROM visits GROUP BY code',
    '1',
    owners(),
    'policy-privacy',
    'of one table',
  ],
  ['single rows', 'SELECT ward FROM visits', '1', owners(), 'policy-privacy', 'of one table'],
  [
    'dominance',
    SQL,
    '1',
    [...owners(), { name: 'cedar', policy: { minimumOwners: 2 } }],
    'policy-privacy',
    'carry noise',
  ],
] as const)('refused: %s', async (_, sql, epsilon, owned, rule, why) => {
  await expect(compiled(sql, epsilon, owned as unknown as ReturnType<typeof owners>)).rejects.toMatchObject({
    rule,
    message: expect.stringContaining(why),
  })
})

test('an ε where nobody has a budget is refused, and so is one that is none', async () => {
  await expect(
    compile('SELECT COUNT(*) FROM pay', {
      tables: [{ schema: PAY, rows: 9 }],
      minimumGroupSize: 1,
      epsilon: '1',
    }),
  ).rejects.toThrow('No owner of what is read')
  for (const epsilon of ['0', '-1', '1e3', '0.0001', '1001', 'all'])
    expect(tableSchema.safeParse({ ...VISITS, policy: { privacyBudget: { epsilon } } }).success).toBe(false)
})
