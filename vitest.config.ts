import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * Which tests run: all but those of their own scripts, or with FAULTLINE_TEST those of one folder:
 * test/long, which takes long (`npm run test:long`); test/page, which needs a Chromium
 * (`npm run test:page`).
 */
const APART = ['long', 'page'];
const apart = APART.find(name => name === process.env['FAULTLINE_TEST']);

// Whoever wants colours of the tests' report wants none in what the programs under test print.
delete process.env['FORCE_COLOR'];

// graphql 17 is loaded twice without these conditions ("another module or realm").
export default defineConfig({
  // What an example imports is this project's own code, not a build of it.
  resolve: { alias: { 'faultline/client': join(import.meta.dirname, 'src/client/index.ts') } },
  ssr: { resolve: { conditions: ['module-sync', 'node', 'import', 'default'] } },
  test: {
    include: [apart === undefined ? 'test/**/*.test.ts' : `test/${apart}/**/*.test.ts`],
    exclude: apart === undefined ? APART.map(name => `test/${name}/**`) : [],
    // For hangs: a busy machine may take minutes for what takes seconds.
    testTimeout: apart === 'long' ? 1_800_000 : 300_000,
    hookTimeout: 300_000,
  },
});
