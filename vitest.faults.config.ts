import { defineConfig } from 'vitest/config'

/** `npm run test:faults`: the fault sweeps for as long as it takes to kill a thousand workers and more; an hour or two. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts', 'test/functions/resume.test.ts'],
    env: { TRIAS_KILLS: process.env.TRIAS_KILLS ?? '400' },
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // One after the other: what is killed here must not be slowed down by what is killed there.
    maxWorkers: 1,
  },
})
