import { defineConfig } from 'vitest/config'

/** `npm run test:faults`: the fault sweeps for as long as it takes to kill a thousand workers and more; hours, not minutes. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts', 'test/functions/resume.test.ts'],
    env: { TRIAS_KILLS: process.env.TRIAS_KILLS ?? '300' },
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // One after the other: what is killed here must not be slowed down by what is killed there.
    maxWorkers: 1,
  },
})
