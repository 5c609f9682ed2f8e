/** The benchmark runs to its end on tiny inputs and reports what each operation costs; times are nobody's promise. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const bench = async (
  ...options: readonly string[]
): Promise<{ readonly parties: number; readonly rows: Row[] }> => {
  const main = join(import.meta.dirname, '../../bench/main.ts')
  const args = [main, '--scale', '0.00001', '--repeat', '1', '--json', ...options]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as { parties: number; rows: Row[] }
}

interface Row {
  readonly operation: string
  readonly n: number
  readonly rounds: number
  readonly bytesPerParty: number
  readonly bytesRatio: number
  readonly seconds: number
  readonly latencyRatio: number | null
}

test('every operation sends what its protocol has to send, up to the rounding of bits to bytes', {
  timeout: 60_000,
}, async () => {
  const { parties, rows } = await bench()
  expect(parties).toBe(3)
  const costs = Object.fromEntries(rows.map(row => [row.operation, [row.n, row.rounds, row.bytesPerParty]]))
  expect(costs).toMatchObject({
    'AND (bits)': [640, 1, 80],
    multiply: [100, 1, 800],
    'dot product': [100, 1, 8],
    'equal, 60 bits': [10, 6, 59 * 2],
    'less-than, 60 bits': [10, 6, 114 * 2],
    'bit to F_p': [10, 2, 80],
    // The second of three parties sends twice what the others do.
    'shuffle, 8 bytes a row': [10, 2, (80 + 160 + 80) / 3],
    // Ten rows: eleven ANDs of two bytes, sixteen converted bits, sixteen sums.
    'one-hot group sum, 16 groups': [10, 5, 11 * 2 + 16 * 80 + 16 * 8],
  })
  // What a plan was costed at is what its run sends, tiny as it is.
  const exact = rows.filter(row => /\(.*\)$/.test(row.operation) && !row.operation.startsWith('AND'))
  expect(exact.map(row => row.bytesRatio)).toEqual(exact.map(() => 1))
  const workloads = rows.map(row => row.operation).filter(name => /^(TPC-H|U\d)/.test(name))
  expect(workloads.map(name => name.slice(0, 9))).toEqual([
    'TPC-H Q01',
    'TPC-H Q03',
    'TPC-H Q06',
    'TPC-H Q13',
    'U2, two l',
    'U6, one p',
    'U4, addre',
  ])
  for (const row of rows) expect(row.bytesRatio).toBeGreaterThanOrEqual(1)
})

test('injected latency: every round takes it, and seconds are set against rounds × latency', async () => {
  const { rows } = await bench('--only', 'less-than, 8', '--latency', '30')
  expect(rows).toHaveLength(1)
  const [{ rounds, seconds, latencyRatio }] = rows as [Row]
  expect(seconds).toBeGreaterThanOrEqual((rounds * 30 - 5) / 1000)
  expect(latencyRatio).toBeCloseTo(seconds / (rounds * 0.03))
})
