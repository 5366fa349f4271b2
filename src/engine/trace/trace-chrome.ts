/**
 * A machine's page faults in the Trace Event Format of Chrome, as one JSON object. ui.perfetto.dev
 * and chrome://tracing open it.
 *
 * An iopf group is a nestable async track: from its first page request until it leaves its fault
 * queue, with what it waited for inside. So is a DMA that waits. A fault queue is a counter of two
 * series, what it holds, and one of how long the group waited that left it last. An operation is an instant on its context's thread; thread 0 is the hardware, which also has
 * the DMAs that are done at once.
 */
import { commandText } from '../../core/explain/command-text.ts';
import type { IopfGroup } from '../../core/iommu/state.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { type DmaMoment, notesOfDma } from './dma-moments.ts';
import { contextIdOf, type Moment, Timeline } from './timeline.ts';

const PID = 1;

/** Pieces of the text. */
export async function* chromeTrace(
  machineId: string,
  operations: AsyncIterable<Operation>,
): AsyncGenerator<string> {
  const timeline = new Timeline();
  const threads = new Set<number>();
  const process = {
    ph: 'M',
    name: 'process_name',
    pid: PID,
    args: { name: `machine ${machineId}` },
  };
  yield `{"displayTimeUnit":"ms","traceEvents":[\n${JSON.stringify(process)}`;
  for await (const operation of operations) {
    const tid = contextIdOf(operation) ?? 0;
    const entries: object[] = [];
    if (!threads.has(tid)) {
      threads.add(tid);
      entries.push({
        ph: 'M',
        name: 'thread_name',
        pid: PID,
        tid,
        args: { name: threadName(tid) },
      });
    }
    for (const moment of timeline.moments(operation)) entries.push(...entriesOf(moment, tid));
    for (const entry of entries) yield `,\n${JSON.stringify(entry)}`;
  }
  yield '\n]}\n';
}

function threadName(tid: number): string {
  return tid === 0 ? 'hardware' : `context ${tid}`;
}

function entriesOf(moment: Moment, tid: number): object[] {
  const { atUs: ts } = moment;
  switch (moment.kind) {
    case 'OPERATION': {
      const { command, errno, number, seqBefore, seq } = moment.operation;
      const name = errno === 0 ? command.type : `${command.type} ${errno}`;
      const args = { number, asked: commandText(command), errno, seqBefore, seq };
      return [{ ph: 'i', s: 't', cat: 'operation', name, pid: PID, tid, ts, args }];
    }
    case 'EVENT':
      return [];
    case 'DMA_ISSUED':
    case 'DMA_WAITS':
    case 'DMA_LEFT':
    case 'DMA_AT_ONCE':
      return entriesOfDma(moment);
    case 'GROUP_QUEUED': {
      const { group, notes: args, waits } = moment;
      return [
        { ...part(group, 'b', waits[0]?.sinceUs ?? ts), args },
        ...waits.flatMap(({ name, sinceUs, untilUs }) => [
          part(group, 'b', sinceUs, name),
          part(group, 'e', untilUs, name),
        ]),
        part(group, 'b', ts, 'deliver'),
      ];
    }
    case 'GROUP_READ': {
      const { cookie, reader } = moment.group;
      const begin = part(moment.group, 'b', ts, 'awaiting response');
      return [part(moment.group, 'e', ts, 'deliver'), { ...begin, args: { cookie, reader } }];
    }
    case 'GROUP_LEFT': {
      const phase = moment.group.cookie === null ? 'deliver' : 'awaiting response';
      const { group, end, waitUs } = moment;
      const name = `${queueName(group)}, wait in µs`;
      return [
        part(group, 'e', ts, phase),
        { ...part(group, 'e', ts), args: { end, waitUs } },
        { ph: 'C', name, pid: PID, ts, args: { waitUs } },
      ];
    }
    case 'QUEUE': {
      const { deliver, awaitingResponse } = moment;
      const args = { deliver, awaitingResponse };
      return [{ ph: 'C', name: queueName(moment), pid: PID, ts, args }];
    }
  }
}

function entriesOfDma(moment: DmaMoment): object[] {
  const { atUs: ts, dma } = moment;
  const name = `DMA ${dma.dmaId}`;
  const id = `dma ${dma.dmaId}`;
  const entry = (ph: 'b' | 'e', phase = name) => {
    return { ph, cat: 'dma', id, name: phase, pid: PID, tid: 0, ts };
  };
  switch (moment.kind) {
    case 'DMA_ISSUED':
      return [{ ...entry('b'), args: notesOfDma(dma) }];
    case 'DMA_WAITS': {
      const { before, waits } = moment;
      return [...(before === null ? [] : [entry('e', before)]), entry('b', waits)];
    }
    case 'DMA_LEFT': {
      const { before, end } = moment;
      return [...(before === null ? [] : [entry('e', before)]), { ...entry('e'), args: { end } }];
    }
    case 'DMA_AT_ONCE': {
      const args = { ...notesOfDma(dma), end: moment.end };
      return [{ ph: 'i', s: 't', cat: 'dma', name, pid: PID, tid: 0, ts, args }];
    }
  }
}

interface QueueIds {
  readonly contextId: number;
  readonly faultId: number;
}

function queueName({ contextId, faultId }: QueueIds): string {
  return `context ${contextId}, fault queue ${faultId}`;
}

/** The begin or end of a group or, with `phase`, of what it waits for. */
function part({ iopfGroupId }: IopfGroup, ph: 'b' | 'e', ts: number, phase?: string) {
  const id = `0x${iopfGroupId.toString(16)}`;
  const name = phase ?? `iopf group ${iopfGroupId}`;
  return { ph, cat: 'iopf', id, name, pid: PID, tid: 0, ts };
}
