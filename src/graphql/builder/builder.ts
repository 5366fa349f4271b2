/** The Pothos builder. It configures and defines no types. */
import SchemaBuilder from '@pothos/core';
import RelayPlugin, { decodeGlobalID } from '@pothos/plugin-relay';
import type { FaultHandlers } from '../../engine/handler/fault-handler.ts';
import type { Engine } from '../../engine/machine/engine.ts';
import type { Overviews } from '../../engine/overview/overview.ts';
import type { History } from '../../engine/past/history.ts';
import type { Replays } from '../../engine/replay/replays.ts';
import { badInput, shortened } from './bad-input.ts';
import { FIRST_TEXT } from './lists.ts';

/** What every resolver gets. */
export interface GraphqlContext {
  readonly engine: Engine;
  readonly handlers: FaultHandlers;
  readonly history: History;
  readonly overviews: Overviews;
  readonly replays: Replays;
  /**
   * Notes that the answer takes so many bytes more, or less, while it is made and until it is read.
   * false: nobody waits for it any more. Left out where nobody counts.
   */
  readonly hold?: (bytes: number) => boolean;
}

export interface SchemaTypes {
  Context: GraphqlContext;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string | number };
    HexU64: { Input: bigint; Output: bigint };
    U32: { Input: number; Output: number };
    PrgIndex: { Input: number; Output: number };
    Pasid: { Input: number; Output: number };
    ByteCount: { Input: number; Output: number };
    PageAddress: { Input: bigint; Output: bigint };
    PciAddress: { Input: string; Output: string };
    MachineId: { Input: string; Output: string };
    BookmarkName: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
  };
}

export const builder = new SchemaBuilder<SchemaTypes>({
  defaultFieldNullability: false,
  plugins: [RelayPlugin],
  relay: {
    decodeGlobalID: nodeIdOf,
    nodeQueryOptions: {
      description: 'Any object by its global id, as it is now. null if it is gone.',
      args: { id: { description: 'Its global id.' } },
    },
    nodesQueryOptions: {
      // An id that is none is an error of this field, and not of all the others with it.
      nullable: { list: true, items: true },
      description: 'Several objects by their global ids, in the order asked for.',
      args: { ids: { description: 'Their global ids.' } },
    },
    nodeTypeOptions: { description: 'Anything with a global id.' },
    idFieldOptions: { description: 'Global id.' },
    pageInfoTypeOptions: { description: 'Where a page of a connection begins and ends.' },
    pageInfoFieldOptions: { description: 'Where the page begins and ends.' },
    hasNextPageFieldOptions: { description: 'There is more after it.' },
    hasPreviousPageFieldOptions: { description: 'There is more before it.' },
    startCursorFieldOptions: { description: 'The first cursor; null if the page is empty.' },
    endCursorFieldOptions: { description: 'The last cursor; null if the page is empty.' },
    edgesFieldOptions: { nullable: false, description: 'The entries of the page, in order.' },
    nodeFieldOptions: { nullable: false, description: 'The entry itself.' },
    cursorFieldOptions: { description: 'Where it is: give it as `after` or `before`.' },
    firstArgOptions: { description: FIRST_TEXT },
    lastArgOptions: { description: 'The last so many instead, in the same order.' },
    afterArgOptions: { description: 'Only what comes after this cursor.' },
    beforeArgOptions: { description: 'Only what comes before this cursor.' },
  },
});

/** The type and key of a global id that `node` can look up. Errors: BAD_USER_INPUT. */
function nodeIdOf(globalId: string): { typename: string; id: string } {
  try {
    const decoded = decodeGlobalID(globalId);
    const options: object = builder.configStore.getTypeConfig(decoded.typename).pothosOptions;
    if ('loadOne' in options) return decoded;
  } catch {
    // Not the form of a global id, or a type this schema has not.
  }
  const shown = shortened(JSON.stringify(globalId));
  throw badInput(`"id" must be a global id, as a field "id" gave it, not ${shown}`);
}

builder.queryType({ description: 'Reading: the state of machines, now or in the past.' });
builder.mutationType({
  description:
    'One mutation for each kernel operation, named as the uAPI names it. What the kernel refuses' +
    ' comes back as a KernelError; a malformed request is a GraphQL error.',
});
builder.subscriptionType({ description: 'Following a machine live.' });
