import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/localstack/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Three parties and a DuckDB share two cores; more files at once only make each other time out.
    maxWorkers: 2,
  },
})
