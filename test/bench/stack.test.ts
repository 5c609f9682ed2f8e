/** The bench of whole parties runs to its end on tiny inputs; what it counts is checked, times are nobody's promise. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Measurement } from '../../bench/stack/print.ts'

test('the probes see every frame of a run and every request of a party', { timeout: 240_000 }, async () => {
  const main = join(import.meta.dirname, '../../bench/main.ts')
  const args = [main, 'stack', '--quick', '--small', '128', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { small, frameMs } = JSON.parse(stdout) as Measurement
  expect(small).toHaveLength(1)
  const [run] = small as [Measurement['small'][number]]
  expect(run.rows).toBe(128)
  // Two stages of 64 rows; a round in which nobody but one speaks has fewer frames.
  expect(run.rounds).toBeGreaterThan(20)
  expect(run.workers).toEqual([1, 1, 1])
  for (const [party, usage] of run.usage.entries()) {
    const frames = run.times.hops[party]!.whole.count
    expect(frames).toBeGreaterThan(run.rounds / 2)
    expect(usage.framePosts.calls).toBeGreaterThan(run.rounds / 2)
    expect(usage.served).toBeGreaterThan(frames)
    expect(usage.store.read.calls).toBeGreaterThan(2 * frames)
    if (party < 2) expect(usage.queue.send.calls).toBeGreaterThanOrEqual(frames)
    if (party < 2) expect(usage.invocations.worker!.count).toBeGreaterThan(0)
  }
  expect(run.times.hops.reduce((sum, { whole }) => sum + whole.count, 0)).toBe(run.times.frames)
  expect(frameMs.verify).toBeGreaterThan(0)
})
