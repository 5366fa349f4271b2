/** The schema: imports the files that define its types, defines none. */
import { lexicographicSortSchema, printSchema } from 'graphql';
import { builder } from './builder/builder.ts';
import { exposeErrors } from './builder/expose-errors.ts';
import './builder/scalars.ts';
import './builder/enums.ts';
import './log/operation.ts';
import './iommufd/main/context.ts';
import './iommufd/main/process.ts';
import './iommufd/hwpt/hwpt.ts';
import './iommufd/ioas/ioas.ts';
import './iommufd/selftest/access.ts';
import './iommufd/ioas/translate.ts';
import './iommu/pasid-attachment.ts';
import './iommu/iopf.ts';
import './iommufd/device/device.ts';
import './hardware/device.ts';
import './hardware/iommu.ts';
import './hardware/function.ts';
import './iommu/group.ts';
import './iommufd/fault/fault.ts';
import './iommufd/selftest/device.ts';
import './machine/machine.ts';
import './log/overview.ts';
import './machine/keys.ts';
import './machine/places.ts';
import './machine/graph.ts';
import './past/bookmarks.ts';
import './past/fork.ts';
import './past/what-if.ts';
import './past/diff.ts';
import './past/steps.ts';
import './log/changes.ts';
import './log/log-connections.ts';
import './iommu/iopf-groups.ts';
import './hardware/dma-life.ts';
import './hardware/dmas.ts';
import './hardware/guest-table.ts';
import './hardware/memory.ts';
import './iommu/iopf-life.ts';
import './log/first-where.ts';
import './past/first-seq-where.ts';
import './machine/mutations.ts';
import './mutations.ts';
import './log/subscriptions.ts';
import './log/event-batches.ts';
import './past/replay.ts';
import './past/redrive.ts';
import './past/replay-mutations.ts';
import './machine/baselines.ts';
import { limitResults } from './builder/result-limit.ts';
import { tellEnumValues } from './builder/tell-enum-values.ts';
import './machine/support.ts';

export const schema = tellEnumValues(limitResults(exposeErrors(builder.toSchema())));

/** The schema as SDL, sorted: schema/schema.graphql. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
