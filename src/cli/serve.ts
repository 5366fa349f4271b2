/** `faultline serve`: the server until SIGINT or SIGTERM. */
import { DatabaseRefusedError } from '../log/log.ts';
import { ConfigError, parseServeConfig, SERVE_HELP } from '../server/config.ts';
import { type Faultline, startFaultline } from '../server/faultline.ts';

/** Exit codes: 0 stopped, 1 could not start, 2 wrong settings. */
export async function serve(argv: readonly string[]): Promise<number> {
  let faultline: Faultline;
  try {
    const config = parseServeConfig(argv, process.env);
    if (config === 'help') {
      process.stdout.write(SERVE_HELP);
      return 0;
    }
    faultline = await startFaultline(config);
    process.stdout.write(
      [
        `Faultline listens on ${faultline.url}`,
        `  playground  ${faultline.url}/graphql`,
        `  GraphQL     ${faultline.url}/graphql (HTTP, SSE), ${faultline.url.replace(/^http/, 'ws')}/graphql`,
        `  database    ${config.database} (durability ${config.durability})`,
        '',
      ].join('\n'),
    );
  } catch (error) {
    const known =
      error instanceof ConfigError ||
      error instanceof DatabaseRefusedError ||
      (error as NodeJS.ErrnoException).code !== undefined;
    if (!known) throw error;
    process.stderr.write(`faultline serve: ${(error as Error).message}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
  await new Promise<void>(resolve => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await faultline.stop();
  return 0;
}
