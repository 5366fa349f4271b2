/** `npm run schema`: writes schema/schema.graphql as the code has it, and what codegen makes of it. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printedSchema } from '../../graphql/schema.ts';
import { hadEnough } from './had-enough.ts';

const HELP = `Usage: npm run schema [-- --print]

Writes schema/schema.graphql as the code has it, and what codegen makes of it.

  --print  print it instead
  --help   this text
`;

process.stdout.on('error', error => hadEnough(error, false));
const { values } = parseArgs({
  options: { print: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help === true) {
  process.stdout.write(HELP);
} else if (values.print === true) {
  process.stdout.write(printedSchema());
} else {
  writeFileSync(new URL('../../../schema/schema.graphql', import.meta.url), printedSchema());
  execFileSync('npm', ['run', '-s', 'codegen'], { stdio: 'inherit' });
}
