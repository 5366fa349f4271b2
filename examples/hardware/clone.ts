/** In a clone, where nothing is built: `faultline/client` is its source. */
import { registerHooks } from 'node:module';

const CLIENT = new URL('../../src/client/index.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'faultline/client'
      ? { url: CLIENT, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});
