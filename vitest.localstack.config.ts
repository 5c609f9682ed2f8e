import { defineConfig } from 'vitest/config'

/** `npm run test:localstack` starts or finds an emulator and then runs these. */
export default defineConfig({
  test: {
    include: ['test/localstack/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
  },
})
