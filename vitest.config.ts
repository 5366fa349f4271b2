import { defineConfig } from 'vitest/config';

// graphql 17 is loaded twice without these conditions ("another module or realm").
export default defineConfig({
  ssr: { resolve: { conditions: ['module-sync', 'node', 'import', 'default'] } },
  test: { include: ['test/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
});
