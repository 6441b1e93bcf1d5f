import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['sim/**/*.test.ts', 'components/**/*.test.ts', 'site/**/*.test.ts'],
    testTimeout: 20_000,
    setupFiles: ['sim/node/load-for-tests.ts'],
  },
});
