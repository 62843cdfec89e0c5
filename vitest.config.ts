import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Examples import the package by its name, as their readers do.
  resolve: { alias: { sabir: new URL('src/index.ts', import.meta.url).pathname } },
  test: {
    include: [
      'src/**/*.test.ts',
      'benchmarks/**/*.test.ts',
      'test/**/*.test.ts',
      'examples/**/*.test.ts',
    ],
    setupFiles: ['test/poison.ts'],
    pool: 'threads',
    isolate: false,
    testTimeout: 30_000,
    // What is waited for comes, on a busy machine as well.
    expect: { poll: { timeout: 20_000 } },
  },
})
