/** The Pothos builder. It configures and defines no types. */
import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import type { Engine } from '../engine/engine.ts';
import type { FaultHandlers } from '../engine/fault-handler.ts';
import type { History } from '../engine/history.ts';

/** What every resolver gets. */
export interface GraphqlContext {
  readonly engine: Engine;
  readonly handlers: FaultHandlers;
  readonly history: History;
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
    PciAddress: { Input: string; Output: string };
    MachineId: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
  };
}

export const builder = new SchemaBuilder<SchemaTypes>({
  defaultFieldNullability: false,
  plugins: [RelayPlugin],
  relay: {
    nodeQueryOptions: {
      description: 'Any object by its global id, as it is now. null if it is gone.',
    },
    nodesQueryOptions: {
      description: 'Several objects by their global ids, in the order asked for.',
    },
    nodeTypeOptions: { description: 'Anything with a global id.' },
    pageInfoTypeOptions: { description: 'Where a page of a connection begins and ends.' },
    edgesFieldOptions: { nullable: false },
    nodeFieldOptions: { nullable: false },
  },
});

builder.queryType({ description: 'Reading: the state of machines, now or in the past.' });
builder.mutationType({
  description:
    'One mutation for each kernel operation, named as the uAPI names it. What the kernel refuses' +
    ' comes back as a KernelError; a malformed request is a GraphQL error.',
});
builder.subscriptionType({ description: 'Following a machine live.' });
