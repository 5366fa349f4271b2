/** `npm run schema`: writes schema/schema.graphql as the code has it. */
import { writeFile } from 'node:fs/promises';
import { printedSchema } from '../../graphql/schema.ts';

await writeFile(new URL('../../../schema/schema.graphql', import.meta.url), printedSchema());
