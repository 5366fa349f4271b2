/** Traces through the GraphQL schema: every command as its mutation, every reply from its payload. */
import { type DocumentNode, execute, GraphQLError, parse, validate } from 'graphql';
import { DEFAULT_BASELINE } from '../abi/baselines.ts';
import type { ErrnoName } from '../abi/errno.ts';
import { IOMMU_HW_INFO_TYPE_SELFTEST } from '../abi/uapi.ts';
import type { Command, CommandOf, CommandType } from '../core/command.ts';
import type { Event } from '../core/event.ts';
import type { Outcome } from '../core/operation.ts';
import type { AnyReply } from '../core/reply.ts';
import { Engine } from '../engine/engine.ts';
import { FaultHandlers } from '../engine/fault-handler.ts';
import { History } from '../engine/history.ts';
import type { GraphqlContext } from '../graphql/builder.ts';
import { schema } from '../graphql/schema.ts';
import { openMemoryLog } from '../log/memory.ts';
import type { Entrance } from './conform-run.ts';
import { TraceFormatError } from './trace-format.ts';

const MACHINE_ID = 'conform';

type Fields = Record<string, unknown>;

interface Mutation<T extends CommandType> {
  readonly field: string;
  /** The input's fields; left out, they are the command's. */
  readonly input?: (command: CommandOf<T>) => Fields;
  /** What to select of the payload, under the names of the reply. */
  readonly select?: string;
  /** The reply where it is not just what was selected. */
  readonly reply?: (selected: Fields) => Fields;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const u64 = (value: unknown): bigint => BigInt(value as string);

/** The operations a kernel trace can hold. */
const MUTATIONS: { readonly [T in CommandType]?: Mutation<T> } = {
  ContextOpen: { field: 'contextOpen', select: 'contextId' },
  ContextClose: { field: 'contextClose', select: 'released' },
  IoasAlloc: { field: 'ioasAlloc', select: 'outIoasId' },
  HwptAlloc: {
    field: 'hwptAlloc',
    input: ({ contextId, flags, devId, ptId, dataType, dataLen, userData, faultId }) => ({
      contextId,
      rawFlags: flags,
      devId,
      ptId,
      rawDataType: dataType,
      dataLen,
      faultId,
      ...(userData?.kind === 'SELFTEST' ? { selftest: { iotlb: userData.iotlb } } : {}),
    }),
    select: 'outHwptId',
  },
  HwptInvalidate: {
    field: 'hwptInvalidate',
    input: ({ type: _, dataType, ...command }) => ({ ...command, rawDataType: dataType }),
    select: 'entryNum',
  },
  GetHwInfo: {
    field: 'getHwInfo',
    select: 'outDataType dataLen data outMaxPasidLog2 outCapabilities',
    reply: ({ outDataType, outCapabilities, ...reply }) => ({
      ...reply,
      outDataType:
        outDataType === 'IOMMU_HW_INFO_TYPE_SELFTEST' ? IOMMU_HW_INFO_TYPE_SELFTEST : outDataType,
      outCapabilities: u64(outCapabilities),
    }),
  },
  Destroy: { field: 'destroy' },
  FaultQueueAlloc: { field: 'faultQueueAlloc', select: 'outFaultId' },
  FaultRead: {
    field: 'faultRead',
    input: ({ contextId, faultId, count }) => ({ contextId, faultId, count }),
    select: `bytes faults {
      flags: rawFlags devId pasid grpid perm: rawPerm addr length cookie
    }`,
    reply: ({ bytes, faults }) => ({
      bytes,
      faults: (faults as Fields[]).map(fault => ({ ...fault, addr: u64(fault['addr']) })),
    }),
  },
  FaultWrite: {
    field: 'faultWrite',
    input: ({ type: _, responses, ...command }) => ({
      ...command,
      responses: responses.map(({ cookie, code }) => ({ cookie, rawCode: code })),
    }),
    select: 'bytes',
  },
  FaultPoll: { field: 'faultPoll', select: 'readable writable' },
  FaultClose: { field: 'faultClose', select: 'contextReleased' },
  TestMockDomain: {
    field: 'testMockDomain',
    input: ({ contextId, ptId, devFlags }) => ({ contextId, ptId, rawDevFlags: devFlags }),
    select: 'outStdevId outHwptId outIdevId',
  },
  TestMockDomainReplace: { field: 'testMockDomainReplace', select: 'ptId' },
  TestTriggerIopf: {
    field: 'testTriggerIopf',
    input: ({ type: _, perm, addr, ...command }) => ({
      ...command,
      rawPerm: perm,
      addr: hex(addr),
    }),
    select: 'outcome reportErrno iopfGroup { iopfGroupId }',
    reply: ({ outcome, reportErrno, iopfGroup }) => ({
      outcome,
      reportErrno: reportErrno ?? 0,
      iopfGroupId: (iopfGroup as { iopfGroupId: number } | null)?.iopfGroupId ?? null,
    }),
  },
  TestMdCheckIotlb: { field: 'testMdCheckIotlb' },
};

function withoutType({ type: _, ...fields }: Command): Fields {
  return fields;
}

export function graphqlEntrance(): Entrance {
  const engine = new Engine({ log: openMemoryLog(), now: () => 0 });
  const context: GraphqlContext = {
    engine,
    handlers: new FaultHandlers(engine),
    history: new History(engine),
  };
  const documents = new Map<CommandType, DocumentNode>();
  return {
    async begin() {
      await engine.delete(MACHINE_ID);
      await engine.create(MACHINE_ID, {
        type: 'MachineCreate',
        baseline: DEFAULT_BASELINE,
        devices: [],
      });
    },
    run: command => runMutation(command, context, documents),
  };
}

async function runMutation(
  command: Command,
  contextValue: GraphqlContext,
  documents: Map<CommandType, DocumentNode>,
): Promise<Outcome> {
  const mutation = MUTATIONS[command.type] as Mutation<CommandType> | undefined;
  if (mutation === undefined) throw new Error(`no trace holds a ${command.type}`);
  let document = documents.get(command.type);
  if (document === undefined) {
    document = documentOf(mutation);
    documents.set(command.type, document);
  }
  const fields = mutation.input?.(command) ?? withoutType(command);
  const { data, errors } = await execute({
    schema,
    document,
    // One an operation, as the server makes them: the schema's limits count by it.
    contextValue: { ...contextValue },
    variableValues: { input: { machineId: MACHINE_ID, ...fields } },
  });
  if (errors !== undefined) throw refusalOf(errors[0]!);
  const { result } = data as { result: Fields };
  return outcomeOf(command, mutation, result);
}

/** What the schema refuses is the trace's fault; any other error is ours, and stays what it is. */
function refusalOf(error: GraphQLError): Error {
  const { originalError: cause } = error;
  if (cause !== undefined && !(cause instanceof GraphQLError)) return cause;
  return new TraceFormatError(`refused by the GraphQL schema: ${error.message}`);
}

function documentOf({ field, select = '' }: Mutation<CommandType>): DocumentNode {
  const name = field.charAt(0).toUpperCase() + field.slice(1);
  const document = parse(`mutation ${name}($input: ${name}Input!) {
    result: ${field}(input: $input) {
      ... on ${name}Payload { events { type data } ${select} }
      ... on KernelError {
        errno
        output { entryNum }
        operation { events { type data } }
        trace { function depth returned }
      }
    }
  }`);
  const [error] = validate(schema, document);
  if (error !== undefined) throw error;
  return document;
}

interface Result {
  readonly errno?: ErrnoName;
  readonly output?: AnyReply | null;
  readonly operation?: { readonly events: readonly EventFields[] };
  readonly events?: readonly EventFields[];
  readonly trace?: Outcome['trace'];
}

interface EventFields {
  readonly type: string;
  readonly data: object;
}

function outcomeOf(command: Command, mutation: Mutation<CommandType>, result: Fields): Outcome {
  const { errno = 0, output, operation, events, trace, ...selected } = result as Result & Fields;
  const reply = errno === 0 ? (mutation.reply?.(selected) ?? selected) : (output ?? null);
  return {
    command,
    errno,
    reply: reply as AnyReply | null,
    events: (operation?.events ?? events ?? []).map(({ type, data }) => {
      return { type, ...data } as Event;
    }),
    trace: trace ?? [],
  };
}
