/** Requests within the limits that were made to hold others up, each in its own way. */
import { getIntrospectionQuery } from 'graphql';

/** What they are about, made by `makeWorld`. */
export interface World {
  /** A machine with a long log, and its newest seq. */
  readonly long: string;
  readonly seq: number;
  /** A machine with 1,000 objects in context 1. */
  readonly wide: string;
  /** A machine with modelled hardware (hardware-world.ts). */
  readonly hard: string;
}

export interface WorstRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** The request, another one each time it is asked for: nothing of it may be kept from before. */
type Make = (world: World, round: number) => WorstRequest;

/** `count` times, with spaces between. */
const times = (count: number, one: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => one(index)).join(' ');
/** Never parsed before. */
const fresh = (round: number, query: string) => `${query} # ${round}`;
/** Some seq of the long log. */
const someSeq = ({ seq }: World, index: number, round: number) =>
  1 + ((index * 7_919 + round * 104_729) % (seq - 1));

const objects = (below: string) => `objects(first: 1000) { edges { node { ${below} } } }`;
const operations = (below: string) => `operations(first: 1000) { edges { node { ${below} } } }`;
const TYPE = 'name description fields { name description args { name type { name } } }';

export const WORST_REQUESTS: Readonly<Record<string, Make>> = {
  'introspection, 230 times': () => ({
    query: `{ ${times(230, i => `a${i}: __schema { types { ${TYPE} } }`)} }`,
  }),
  'introspection, whole': () => ({ query: getIntrospectionQuery() }),
  'moments, 250': (world, round) => ({
    query: `{ ${times(250, i => `a${i}: machine(machineId: "${world.long}", at: ${someSeq(world, i, round)}) { seq }`)} }`,
  }),
  'states before 1,000 operations': ({ long, seq }, round) => ({
    query: `{ machine(machineId: "${long}") { operations(first: 1000, after: "${(round * 997) % Math.floor(seq / 8)}") {
      edges { node { machineBefore { hazardCount } } } } } }`,
  }),
  'root fields, 256': ({ wide }) => ({
    query: `{ ${times(256, i => `a${i}: machine(machineId: "${wide}") { contexts { ${objects('users')} } }`)} }`,
  }),
  'lists in lists': ({ wide }) => ({
    query: `{ machine(machineId: "${wide}") { contexts { ${objects(`context { ${objects('users')} }`)} } } }`,
  }),
  'holders of 1,000 objects': ({ wide }) => ({
    query: `{ machine(machineId: "${wide}") { contexts { ${objects('holders { reason } users')} } } }`,
  }),
  'a field that looks at everything, 4,000 times': ({ wide }, round) => ({
    query: fresh(
      round,
      `{ machine(machineId: "${wide}") { ${times(4_000, i => `a${i}: invariantViolations`)} } }`,
    ),
  }),
  'operations, 1,000 whole': ({ long }, round) => ({
    query: `{ machine(machineId: "${long}") { ${operations('number command arguments events { seq type summary data } trace { function depth returned }')} } } # ${round % 2}`,
  }),
  'JSON, 90 times for each of 1,000': ({ long }) => ({
    query: `{ machine(machineId: "${long}") { ${operations(times(90, i => `a${i}: arguments`))} } }`,
  }),
  'a document of 4,990 fields': ({ wide }, round) => ({
    query: fresh(round, `{ machine(machineId: "${wide}") { ${times(4_990, i => `a${i}: seq`)} } }`),
  }),
  'a document of 4,990 unknown fields': (_, round) => ({
    query: fresh(round, `{ machine { ${times(4_990, i => `abc${i}`)} } }`),
  }),
  'a document of 64 fragments': (_, round) => ({
    query: fresh(
      round,
      `{ machine { ${times(64, i => `...f${i}`)} } } ${times(64, i => `fragment f${i} on Machine { ${times(70, j => `a${i}_${j}: seq`)} }`)}`,
    ),
  }),
  'a document of 1,932 pairs': (_, round) => ({
    query: fresh(
      round,
      `{ ${times(24, () => 'machine { contexts { contextId objects { edges { node { users } } } } }')} }`,
    ),
  }),
  'a document with 2,400 objects': (_, round) => ({
    query: fresh(
      round,
      `mutation { machineCreate(input: {devices: [${times(2_400, () => '{bdf: "0000:00:00.0"}')}]}) { __typename } }`,
    ),
  }),
  'a document with 32 wrong fields in each of 130 objects': (_, round) => ({
    query: fresh(
      round,
      `mutation { ${times(130, i => `m${i}: machineCreate(input: {${times(32, j => `abc${j}: 1`)}}) { __typename }`)} }`,
    ),
  }),
  'a document of 1 MB': (_, round) => ({
    query: `{ machine { seq } } # ${round} ${'x'.repeat(990_000)}`,
  }),
  'a name of 1 MB': (_, round) => ({ query: `{ a${round}${'x'.repeat(990_000)} }` }),
  'a variable of 1 MB': (_, round) => ({
    query: 'query ($id: MachineId!) { machine(machineId: $id) { seq } }',
    variables: { id: `${round}${'x'.repeat(990_000)}` },
  }),
  'a variable of 7,990 objects': () => ({
    query: 'mutation ($input: MachineCreateInput!) { machineCreate(input: $input) { __typename } }',
    variables: {
      input: {
        machineId: 'none',
        devices: Array.from({ length: 7_990 }, () => ({ bdf: '0000:00:00.0' })),
      },
    },
  }),
  'a variable of 333,000 lists': () => ({
    query: 'query ($id: MachineId!) { machine(machineId: $id) { seq } }',
    variables: { id: Array.from({ length: 333_000 }, () => []) },
  }),
  'a machine of 256 devices with 30 regions': (_, round) => ({
    query: 'mutation ($input: MachineCreateInput!) { machineCreate(input: $input) { __typename } }',
    variables: {
      input: {
        machineId: `w${process.pid}-${round}`,
        devices: Array.from({ length: 256 }, (_, device) => ({
          bdf: `0000:${device.toString(16).padStart(2, '0')}:00.0`,
          reservedRegions: Array.from({ length: 30 }, (_, index) => ({
            type: 'IOMMU_RESV_RESERVED',
            start: `0x${(index * 0x2000 + 0x1000).toString(16)}`,
            last: `0x${(index * 0x2000 + 0x1fff).toString(16)}`,
          })),
        })),
      },
    },
  }),
  'mutations, 256': ({ wide }) => ({
    query: `mutation { ${times(256, i => `a${i}: ioasAlloc(input: {machineId: "${wide}", contextId: 1}) { __typename }`)} }`,
  }),
  'a scan of 50,000 states, 20 times': ({ long }) => ({
    query: `{ machine(machineId: "${long}") { ${times(20, i => `a${i}: firstSeqWhere(condition: {select: "{ contexts { objects { edges { node { users } } } } }", comparison: EQ, value: 77777}, method: SCAN) { seq }`)} } }`,
  }),
  'searches of the log, 200': ({ long }) => ({
    query: `{ machine(machineId: "${long}") { ${times(200, i => `a${i}: firstWhere(condition: {responseCode: IOMMUFD_PAGE_RESP_INVALID, eventType: IopfGroupAutoResponded}) { operation { number } }`)} } }`,
  }),
  'changes of an object, 200 times': ({ long }) => ({
    query: `{ machine(machineId: "${long}") { ${times(200, i => `a${i}: changes(object: {kind: IOAS, contextId: 1, id: 2}, last: 100) { __typename }`)} } }`,
  }),
  'differences, 200': (world, round) => ({
    query: `{ ${times(200, i => `a${i}: diff(from: {machineId: "${world.long}", at: ${someSeq(world, i, round)}}, to: {machineId: "${world.wide}"}) { __typename }`)} }`,
  }),
  'what 32 large translations have left behind, 32 times': ({ hard }) => ({
    query: `{ machine(machineId: "${hard}") { ${times(32, i => `a${i}: pciDevice(bdf: "0000:01:00.0") { ... on PciDevice { atc(first: 32) { edges { node { stale { iova } } } } } }`)} } }`,
  }),
  'a guest’s table of empty tables, 100 times': ({ hard }) => ({
    query: `{ machine(machineId: "${hard}") { context(contextId: 1) { object(id: 6) { ... on HwptNested { guestTable { ${times(100, i => `a${i}: entries(first: 1000) { next }`)} } } } } } }`,
  }),
  'the DMAs of 65,536 events, 100 times': ({ long, seq }) => ({
    query: `{ machine(machineId: "${long}") { ${times(100, i => `a${i}: dmas(from: ${Math.max(seq - 65_536, 0)}, to: ${seq}) { count }`)} } }`,
  }),
  'a past run again': ({ long }, round) => ({
    query: `mutation { whatIf(input: {machineId: "${long}", newMachineId: "again${process.pid}-${round}", toOperation: 20000}) { machine { seq } } }`,
  }),
};
