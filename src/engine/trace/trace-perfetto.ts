/**
 * A machine's page faults as Perfetto's own protocol buffers: a Trace of TracePackets, each a
 * TrackDescriptor or a TrackEvent. Field numbers are those of protos/perfetto/trace in Perfetto.
 *
 * An iopf group is a track of its own: a slice from its first page request until it leaves its fault
 * queue, with what it waited for inside. So is a DMA that waits; those that are done at once are instants
 * on their function's track. A fault queue has three counter tracks: what waits to be read, what waits
 * for an answer, and how long the group waited that left last. An operation is an instant on its
 * context's track.
 */
import { commandText } from '../../core/explain/command-text.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { type DmaMoment, notesOfDma } from './dma-moments.ts';
import { type Field, message } from './protobuf.ts';
import { contextIdOf, type Moment, Timeline } from './timeline.ts';

const TRACE = { packet: 1 };
const PACKET = { timestamp: 8, sequenceId: 10, trackEvent: 11, trackDescriptor: 60 };
const TRACK = { uuid: 1, name: 2, process: 3, parentUuid: 5, counter: 8 };
const PROCESS = { pid: 1, name: 6 };
const EVENT = { annotation: 4, type: 9, trackUuid: 11, category: 22, name: 23, counterValue: 30 };
const ANNOTATION = { name: 10, stringValue: 6 };
const TYPE = { sliceBegin: 1, sliceEnd: 2, instant: 3, counter: 4 };

/** All packets come from one writer. */
const SEQUENCE_ID = 1;
/** Of the machine's track, which is the parent of all others. */
const MACHINE_UUID = 1n;
/** First uuids of the kinds of tracks; a machine has fewer of each than lie between. */
const OPERATIONS_UUID = 1n << 40n;
const GROUPS_UUID = 2n << 40n;
const COUNTERS_UUID = 3n << 40n;
const DMAS_UUID = 4n << 40n;
const DEVICES_UUID = 5n << 40n;

/** Pieces of the file. */
export async function* perfettoTrace(
  machineId: string,
  operations: AsyncIterable<Operation>,
): AsyncGenerator<Uint8Array> {
  const process = message([PROCESS.pid, 1], [PROCESS.name, `machine ${machineId}`]);
  yield descriptor([TRACK.uuid, MACHINE_UUID], [TRACK.process, process]);
  const timeline = new Timeline();
  const tracks = new Tracks();
  for await (const operation of operations) {
    for (const moment of timeline.moments(operation)) yield* packetsOf(moment, tracks);
  }
}

/** Tracks by name, each described before its first event. */
class Tracks {
  readonly #uuids = new Map<string, bigint>();
  #counters = 0n;
  #devices = 0n;

  *operations(contextId: number | null): Generator<Uint8Array, bigint> {
    const name = contextId === null ? 'hardware' : `context ${contextId}`;
    return yield* this.#track(name, OPERATIONS_UUID + BigInt(contextId ?? 0));
  }

  *counter(name: string): Generator<Uint8Array, bigint> {
    const known = this.#uuids.get(name);
    return known ?? (yield* this.#track(name, COUNTERS_UUID + this.#counters++, COUNTER));
  }

  *device(bdf: string): Generator<Uint8Array, bigint> {
    const name = `DMA of ${bdf}`;
    const known = this.#uuids.get(name);
    return known ?? (yield* this.#track(name, DEVICES_UUID + this.#devices++));
  }

  *#track(name: string, uuid: bigint, ...more: readonly Field[]): Generator<Uint8Array, bigint> {
    if (!this.#uuids.has(name)) {
      this.#uuids.set(name, uuid);
      yield track(name, uuid, ...more);
    }
    return uuid;
  }
}

const COUNTER: Field = [TRACK.counter, message()];

function* packetsOf(moment: Moment, tracks: Tracks): Generator<Uint8Array> {
  const { atUs } = moment;
  switch (moment.kind) {
    case 'OPERATION': {
      const { command, errno, number, seqBefore, seq } = moment.operation;
      const uuid = yield* tracks.operations(contextIdOf(moment.operation));
      const name = errno === 0 ? command.type : `${command.type} ${errno}`;
      const notes = { number, asked: commandText(command), errno, seqBefore, seq };
      yield event(atUs, uuid, TYPE.instant, ...named('operation', name), ...annotated(notes));
      return;
    }
    case 'EVENT':
      return;
    case 'DMA_ISSUED':
    case 'DMA_WAITS':
    case 'DMA_LEFT':
    case 'DMA_AT_ONCE':
      yield* packetsOfDma(moment, tracks);
      return;
    case 'GROUP_QUEUED': {
      const { iopfGroupId } = moment.group;
      const uuid = GROUPS_UUID + BigInt(iopfGroupId);
      const name = `iopf group ${iopfGroupId}`;
      yield track(name, uuid);
      yield begin(moment.waits[0]?.sinceUs ?? atUs, uuid, name, { ...moment.notes });
      for (const wait of moment.waits) {
        yield begin(wait.sinceUs, uuid, wait.name);
        yield event(wait.untilUs, uuid, TYPE.sliceEnd);
      }
      yield begin(atUs, uuid, 'deliver');
      return;
    }
    case 'GROUP_READ': {
      const { iopfGroupId, cookie, reader } = moment.group;
      const uuid = GROUPS_UUID + BigInt(iopfGroupId);
      yield event(atUs, uuid, TYPE.sliceEnd);
      yield begin(atUs, uuid, 'awaiting response', { cookie, reader });
      return;
    }
    case 'GROUP_LEFT': {
      const { group, end, waitUs } = moment;
      const uuid = GROUPS_UUID + BigInt(group.iopfGroupId);
      yield event(atUs, uuid, TYPE.sliceEnd);
      yield event(atUs, uuid, TYPE.sliceEnd, ...annotated({ end, waitUs }));
      yield* counted(atUs, tracks, group, { 'wait in µs': waitUs });
      return;
    }
    case 'QUEUE': {
      const { deliver, awaitingResponse } = moment;
      yield* counted(atUs, tracks, moment, { deliver, awaitingResponse });
    }
  }
}

interface QueueIds {
  readonly contextId: number;
  readonly faultId: number;
}

/** Counters of a fault queue, by name. */
function* counted(
  atUs: number,
  tracks: Tracks,
  { contextId, faultId }: QueueIds,
  values: Readonly<Record<string, number>>,
): Generator<Uint8Array> {
  for (const [what, value] of Object.entries(values)) {
    const uuid = yield* tracks.counter(`context ${contextId}, fault queue ${faultId}, ${what}`);
    yield event(atUs, uuid, TYPE.counter, [EVENT.counterValue, value]);
  }
}

function* packetsOfDma(moment: DmaMoment, tracks: Tracks): Generator<Uint8Array> {
  const { atUs, dma } = moment;
  const uuid = DMAS_UUID + BigInt(dma.dmaId);
  const name = `DMA ${dma.dmaId}`;
  switch (moment.kind) {
    case 'DMA_ISSUED':
      yield track(name, uuid);
      yield begin(atUs, uuid, name, notesOfDma(dma));
      return;
    case 'DMA_WAITS':
      if (moment.before !== null) yield event(atUs, uuid, TYPE.sliceEnd);
      yield begin(atUs, uuid, moment.waits);
      return;
    case 'DMA_LEFT':
      if (moment.before !== null) yield event(atUs, uuid, TYPE.sliceEnd);
      yield event(atUs, uuid, TYPE.sliceEnd, ...annotated({ end: moment.end }));
      return;
    case 'DMA_AT_ONCE': {
      const device = yield* tracks.device(dma.bdf);
      const notes = { ...notesOfDma(dma), end: moment.end };
      yield event(atUs, device, TYPE.instant, ...named('dma', name), ...annotated(notes));
    }
  }
}

function track(name: string, uuid: bigint, ...more: readonly Field[]): Uint8Array {
  const parent: Field = [TRACK.parentUuid, MACHINE_UUID];
  return descriptor([TRACK.uuid, uuid], [TRACK.name, name], parent, ...more);
}

function descriptor(...fields: readonly Field[]): Uint8Array {
  return packet([PACKET.trackDescriptor, message(...fields)]);
}

function begin(atUs: number, uuid: bigint, name: string, notes: Notes = {}): Uint8Array {
  return event(atUs, uuid, TYPE.sliceBegin, ...named('iopf', name), ...annotated(notes));
}

/** Perfetto counts in nanoseconds. */
function event(atUs: number, uuid: bigint, type: number, ...more: readonly Field[]): Uint8Array {
  const fields = message([EVENT.type, type], [EVENT.trackUuid, uuid], ...more);
  return packet([PACKET.timestamp, BigInt(atUs) * 1_000n], [PACKET.trackEvent, fields]);
}

function packet(...fields: readonly Field[]): Uint8Array {
  return message([TRACE.packet, message(...fields, [PACKET.sequenceId, SEQUENCE_ID])]);
}

function named(category: string, name: string): readonly Field[] {
  return [
    [EVENT.category, category],
    [EVENT.name, name],
  ];
}

type Notes = Readonly<Record<string, number | string | null>>;

function annotated(notes: Notes): readonly Field[] {
  return Object.entries(notes).map(([name, value]) => [
    EVENT.annotation,
    message([ANNOTATION.name, name], [ANNOTATION.stringValue, `${value}`]),
  ]);
}
