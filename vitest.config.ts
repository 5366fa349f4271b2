import { defineConfig } from 'vitest/config';

/** `npm run test:long` sets it: the tests under test/long, which take long, in place of the others. */
const long = process.env['FAULTLINE_TEST'] === 'long';

// graphql 17 is loaded twice without these conditions ("another module or realm").
export default defineConfig({
  // The examples name the package as its users do.
  resolve: {
    alias: {
      'faultline/client': `${import.meta.dirname}/src/client/index.ts`,
    },
  },
  ssr: { resolve: { conditions: ['module-sync', 'node', 'import', 'default'] } },
  test: {
    include: [long ? 'test/long/**/*.test.ts' : 'test/**/*.test.ts'],
    exclude: long ? [] : ['test/long/**'],
    // For hangs: a busy machine may take minutes for what takes seconds.
    testTimeout: long ? 1_800_000 : 300_000,
    hookTimeout: 300_000,
  },
});
