/** The benchmark runs to its end on tiny inputs and reports what each operation costs; times are nobody's promise. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

interface Row {
  readonly operation: string
  readonly n: number
  readonly rounds: number
  readonly bytesPerParty: number
  readonly bytesRatio: number
}

test('every operation sends what its protocol has to send, up to the rounding of bits to bytes', {
  timeout: 20_000,
}, async () => {
  const main = join(import.meta.dirname, '../../bench/main.ts')
  const args = [main, '--scale', '0.00001', '--repeat', '1', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { parties, rows } = JSON.parse(stdout) as { parties: number; rows: Row[] }
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
  const exact = rows.filter(row => /^(pay report|shuffle|sort)/.test(row.operation))
  expect(exact.map(row => row.bytesRatio)).toEqual([1, 1, 1, 1])
  for (const row of rows) expect(row.bytesRatio).toBeGreaterThanOrEqual(1)
})
