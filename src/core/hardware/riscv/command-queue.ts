/** Execution of the command queue: invalidations, fences, messages to devices. */
import { bits } from '../tables/entry.ts';
import { COMMAND_BYTES, decodeCommand, type RiscvCommand } from './commands.ts';
import { deviceIndexes } from './device-directory.ts';
import { invalidateGvma, invalidateVma } from './iotlb.ts';
import type { RiscvMemory } from './memory.ts';
import type { AtsMessage } from './messages.ts';
import { processKey } from './process-directory.ts';
import { interrupt, type RiscvCommandQueue, type RiscvIommu } from './state.ts';

/** How a command left the queue. */
type Executed = 'NEXT' | 'WAITS' | 'STOPPED' | 'ILLEGAL';

/**
 * Executes commands from the head until the queue is empty, one waits for devices, or one stops the
 * queue. Returns the messages that went out, in order.
 */
export function runCommandQueue(iommu: RiscvIommu, memory: RiscvMemory): readonly AtsMessage[] {
  const queue = iommu.commandQueue;
  const sent: AtsMessage[] = [];
  while (runs(queue) && queue.head !== queue.tail) {
    const address = (queue.ppn << 12n) + BigInt(queue.head) * COMMAND_BYTES;
    const first = memory.load(address);
    const second = memory.load(address + 8n);
    if (typeof first === 'string' || typeof second === 'string') {
      queue.memoryFault = true;
      interrupt(iommu, 'COMMAND_QUEUE');
      break;
    }
    const command = decodeCommand(first, second);
    const executed = command === null ? 'ILLEGAL' : executeCommand(iommu, memory, command, sent);
    if (executed === 'ILLEGAL') {
      queue.illegal = true;
      interrupt(iommu, 'COMMAND_QUEUE');
    }
    if (executed !== 'NEXT') break;
    queue.head = (queue.head + 1) % queue.entries;
  }
  return sent;
}

function runs({ on, memoryFault, illegal, timedOut }: RiscvCommandQueue): boolean {
  return on && !memoryFault && !illegal && !timedOut;
}

function executeCommand(
  iommu: RiscvIommu,
  memory: RiscvMemory,
  command: RiscvCommand,
  sent: AtsMessage[],
): Executed {
  switch (command.kind) {
    case 'IOTINVAL_VMA':
      invalidateVma(iommu, command.gscid, command.pscid, command.address);
      return 'NEXT';
    case 'IOTINVAL_GVMA':
      invalidateGvma(iommu, command.gscid, command.address);
      return 'NEXT';
    case 'IODIR_INVAL_DDT':
      return invalidateDevices(iommu, command.deviceId);
    case 'IODIR_INVAL_PDT':
      return invalidateProcess(iommu, command.deviceId, command.processId);
    case 'IOFENCE_C':
      return fence(iommu, memory, command);
    case 'ATS_PRGR': {
      const { rid, segment, pasidValid, processId, payload } = command;
      const prgIndex = Number(bits(payload, 40, 32));
      const code = Number(bits(payload, 47, 44));
      const to = { rid, segment, pasidValid, processId };
      sent.push({ kind: 'GROUP_RESPONSE', ...to, prgIndex, code });
      return 'NEXT';
    }
    case 'ATS_INVAL': {
      const { rid, segment, pasidValid, processId, payload } = command;
      // Without a free ITag the queue stands still until a device completes or a time runs out.
      const itag = iommu.itags.indexOf(null);
      if (itag === -1) return 'WAITS';
      iommu.itags[itag] = { rid, segment, received: 0 };
      const to = { rid, segment, pasidValid, processId };
      sent.push({ kind: 'INVALIDATION_REQUEST', itag, ...to, payload });
      return 'NEXT';
    }
  }
}

/** Whether the directory's mode, or with none the device_id's 24 bits, can hold it. */
function deviceIdFits(iommu: RiscvIommu, deviceId: number): boolean {
  const [, middle, top] = deviceIndexes(deviceId, iommu.capabilities);
  if (iommu.ddtMode === '2LVL') return top === 0;
  return iommu.ddtMode !== '1LVL' || (top === 0 && middle === 0);
}

/** Of one device, or of all: device contexts and the process contexts under them. */
function invalidateDevices(iommu: RiscvIommu, deviceId: number | null): Executed {
  if (deviceId === null) {
    iommu.deviceContexts.clear();
    iommu.processContexts.clear();
    return 'NEXT';
  }
  if (!deviceIdFits(iommu, deviceId)) return 'ILLEGAL';
  iommu.deviceContexts.delete(deviceId);
  for (const key of [...iommu.processContexts.keys()]) {
    if (key.startsWith(`${deviceId}/`)) iommu.processContexts.delete(key);
  }
  return 'NEXT';
}

function invalidateProcess(iommu: RiscvIommu, deviceId: number, processId: number): Executed {
  const { pd20, pd17 } = iommu.capabilities;
  const width = pd20 ? 20 : pd17 ? 17 : 8;
  if (!deviceIdFits(iommu, deviceId) || processId >= 2 ** width) return 'ILLEGAL';
  iommu.processContexts.delete(processKey(deviceId, processId));
  return 'NEXT';
}

/** Waits for all invalidations; says whether one timed out; then writes and interrupts. */
function fence(
  iommu: RiscvIommu,
  memory: RiscvMemory,
  command: Extract<RiscvCommand, { kind: 'IOFENCE_C' }>,
): Executed {
  const queue = iommu.commandQueue;
  if (command.wiredInterrupt && !iommu.wiredInterrupts) return 'ILLEGAL';
  if (iommu.itags.some(itag => itag !== null)) return 'WAITS';
  if (iommu.invalidationTimedOut) {
    iommu.invalidationTimedOut = false;
    queue.timedOut = true;
    interrupt(iommu, 'COMMAND_QUEUE');
    return 'STOPPED';
  }
  const { address, data } = command;
  if (address !== null && !storeHalf(memory, address, data)) {
    queue.memoryFault = true;
    interrupt(iommu, 'COMMAND_QUEUE');
    return 'STOPPED';
  }
  if (command.wiredInterrupt && !queue.fenceInterrupt) {
    queue.fenceInterrupt = true;
    interrupt(iommu, 'COMMAND_QUEUE');
  }
  return 'NEXT';
}

/** Writes 4 bytes of an 8-byte word. */
function storeHalf(memory: RiscvMemory, address: bigint, data: number): boolean {
  const word = address & ~7n;
  const old = memory.load(word);
  if (typeof old === 'string') return false;
  const place = (address & 4n) === 0n ? 0n : 32n;
  const value = (old & ~(0xffff_ffffn << place)) | (BigInt(data) << place);
  return memory.store(word, value) === null;
}

/** A device's Invalidation Completion: for each ITag of the vector, one of `count` messages. */
export interface InvalidationCompletion {
  readonly rid: number;
  readonly segment: number | null;
  /** Bit n: ITag n. */
  readonly itagVector: number;
  /** Completion Count, 0 to 7; 0 stands for 8. */
  readonly count: number;
}

/** Whether the completion was expected. Whatever it freed, the queue goes on with the next run. */
export function completeInvalidation(
  iommu: RiscvIommu,
  completion: InvalidationCompletion,
): boolean {
  const { rid, segment, itagVector, count } = completion;
  for (const [place, itag] of iommu.itags.entries()) {
    if (((itagVector >>> place) & 1) === 0) continue;
    if (itag === null || itag.rid !== rid) return false;
    if (itag.segment !== null && itag.segment !== segment) return false;
    itag.received = (itag.received + 1) & 7;
    if (itag.received === count) iommu.itags[place] = null;
  }
  return true;
}

/** The time for the invalidations of a vector of ITags is over. */
export function timeOutInvalidations(iommu: RiscvIommu, itagVector: number): void {
  for (const place of iommu.itags.keys()) {
    if (((itagVector >>> place) & 1) === 1) iommu.itags[place] = null;
  }
  iommu.invalidationTimedOut = true;
}
