/**
 * A slice of the statement fuzzer. A failure prints its seed, and `npm run test:sql-fuzz` runs thousands; TRIAS_SEED
 * begins elsewhere.
 */
import { expect, test } from 'vitest'
import { runSeed } from './fuzz.ts'

const FIRST = Number(process.env.TRIAS_SEED ?? 1)
const COUNT = 25

test(`statements ${FIRST} to ${FIRST + COUNT - 1}: DuckDB, evaluator and three parties agree`, async () => {
  const outcomes = []
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) outcomes.push(await runSeed(seed))
  expect(outcomes.flatMap(outcome => (outcome.kind === 'failed' ? [outcome.report] : []))).toEqual([])
  // The planner may refuse, but not most of what it is asked.
  expect(outcomes.filter(({ kind }) => kind === 'agreed').length).toBeGreaterThan(COUNT * 0.7)
}, 300_000)
