/** `faultline schema`: the GraphQL schema, as for a code generator. */
import { parseArgs } from 'node:util';
import { printedSchema } from '../../graphql/schema.ts';
import type { Flags } from '../command-line.ts';
import { runCommand } from './run-command.ts';

export const HELP = `Usage: faultline schema

Prints the GraphQL schema that this version serves, with its descriptions.

  --help  this text

Examples:
  faultline schema > schema.graphql
  faultline schema | grep -A9 "^input FaultWriteInput"

Exit code: 0 printed, 2 wrong arguments.
`;

export const FLAGS = { help: { type: 'boolean' } } as const satisfies Flags;

export function schema(argv: readonly string[]): Promise<number> {
  return runCommand('schema', async () => {
    const { values } = parseArgs({ args: [...argv], options: FLAGS });
    process.stdout.write(values.help === true ? HELP : printedSchema());
    return 0;
  });
}
