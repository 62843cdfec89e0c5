import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/clients/**', 'test/crash/**', 'test/fuzz/**'],
    pool: 'threads',
    isolate: false,
    testTimeout: 30_000,
  },
})
