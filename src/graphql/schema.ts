/** The schema: imports the files that define its types, defines none. */
import { lexicographicSortSchema, printSchema } from 'graphql';
import { builder } from './builder.ts';
import { exposeErrors } from './expose-errors.ts';
import './scalars.ts';
import './enums.ts';
import './operation.ts';
import './context.ts';
import './process.ts';
import './hwpt.ts';
import './ioas.ts';
import './access.ts';
import './translate.ts';
import './iopf.ts';
import './device.ts';
import './machine.ts';
import './bookmarks.ts';
import './fork.ts';
import './what-if.ts';
import './diff.ts';
import './changes.ts';
import './iopf-life.ts';
import './first-where.ts';
import './first-seq-where.ts';
import './mutations-context.ts';
import './mutations-hwpt.ts';
import './mutations-ioas.ts';
import './mutations-option.ts';
import './mutations-dirty.ts';
import './mutations-access.ts';
import './mutations-device.ts';
import './mutations-fault.ts';
import './mutations-test.ts';
import './subscriptions.ts';
import './replay.ts';
import './mutations-replay.ts';
import './baselines.ts';
import { limitResults } from './result-limit.ts';
import './support.ts';

export const schema = limitResults(exposeErrors(builder.toSchema()));

/** The schema as SDL, sorted: schema/schema.graphql. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
