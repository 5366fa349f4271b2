/**
 * A machine's log as text like that of /sys/kernel/tracing/trace.
 *
 * Where a kernel has a tracepoint for what happened, the line has its name and the shape of its
 * fields: include/trace/events/iommu.h (add_device_to_group, remove_device_from_group,
 * attach_device_to_domain, map, unmap) and drivers/iommu/intel/trace.h (prq_report, qi_submit), all
 * of Linux 6.12. iommufd has none of its own. Operations, requests in flight, DMAs, iopf groups and
 * fault queues are tracing_mark_write lines as programs write them into trace_marker for a trace viewer:
 * `I` an instant, `S` and `F` the start and finish of an async slice with its cookie, `C` a counter.
 *
 * Choices: the task is the context, with its id as pid, and <idle> for hardware; there is one CPU;
 * `paddr` is the user address, as there is no physical memory here; a mapping is one line, though the
 * kernel writes one for each run of pages; `addr` of prq_report is the number of a 4 KiB page, as the
 * kernel prints it, where the marks of groups have addresses; the header does not say how many
 * entries follow.
 */
import { IOMMU_PGFAULT_FLAGS_LAST_PAGE } from '../../abi/uapi.ts';
import type { PageRequest } from '../../core/iommu/state.ts';
import type { Event } from '../../core/machine/event.ts';
import { deviceName, physicalDeviceOf } from '../../core/machine/lookup.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { MachineState } from '../../core/machine/state.ts';
import { deviceAdded } from '../past/device-names.ts';
import { notesText } from './group-notes.ts';
import { contextIdOf, type Moment, Timeline } from './timeline.ts';

const HEADER = `# tracer: nop
#
#                                _-----=> irqs-off/BH-disabled
#                               / _----=> need-resched
#                              | / _---=> hardirq/softirq
#                              || / _--=> preempt-depth
#                              ||| / _-=> migrate-disable
#                              |||| /     delay
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
#              | |         |   |||||     |         |
`;

const IOMMU_NAME = 'iommu0';
/** Page group response, the descriptor's type (QI_PGRP_RESP_TYPE). */
const PAGE_GROUP_RESPONSE = 0x9n;

/** Pieces of the text. */
export async function* ftraceText(operations: AsyncIterable<Operation>): AsyncGenerator<string> {
  const timeline = new Timeline();
  yield HEADER;
  let requests = 0;
  for await (const operation of operations) {
    const pid = contextIdOf(operation) ?? 0;
    for (const moment of timeline.moments(operation)) {
      if (moment.kind === 'EVENT' && moment.event.type === 'PageRequestReported') requests++;
      for (const text of textsOf(moment, pid, requests)) yield lineOf(moment.atUs, pid, text);
    }
  }
}

/** As trace_print_context of kernel/trace/trace_output.c lays it out. */
function lineOf(atUs: number, pid: number, text: string): string {
  const task = `${pid === 0 ? '<idle>' : 'program'}-${`${pid}`.padEnd(7)}`.padStart(24);
  const seconds = `${Math.floor(atUs / 1_000_000)}`.padStart(5);
  const micros = `${atUs % 1_000_000}`.padStart(6, '0');
  return `${task} [000] .....  ${seconds}.${micros}: ${text}\n`;
}

function textsOf(moment: Moment, pid: number, requests: number): string[] {
  switch (moment.kind) {
    case 'OPERATION': {
      const { command, errno } = moment.operation;
      return [mark('I', pid, errno === 0 ? command.type : `${command.type} ${errno}`)];
    }
    case 'EVENT':
      return [
        ...tracepoints(moment.event, moment.state, requests),
        ...heldMarks(moment.event, moment.state),
      ];
    case 'DMA_ISSUED':
      return [mark('S', 0, `DMA ${moment.dma.dmaId}`, moment.dma.dmaId)];
    case 'DMA_LEFT':
      return [mark('F', 0, `DMA ${moment.dma.dmaId}`, moment.dma.dmaId)];
    case 'DMA_WAITS':
      return [mark('I', 0, `DMA ${moment.dma.dmaId} ${moment.waits}`)];
    case 'DMA_AT_ONCE':
      return [mark('I', 0, `DMA ${moment.dma.dmaId} ${moment.end}`)];
    case 'GROUP_QUEUED':
    case 'GROUP_LEFT':
      return marksOfGroup(moment);
    case 'GROUP_READ': {
      const { iopfGroupId, contextId, cookie } = moment.group;
      return [mark('I', contextId, `iopf group ${iopfGroupId} read with cookie ${cookie}`)];
    }
    case 'QUEUE': {
      const { contextId, faultId, deliver, awaitingResponse } = moment;
      return [
        mark('C', contextId, `fault queue ${faultId} deliver`, deliver),
        mark('C', contextId, `fault queue ${faultId} awaitingResponse`, awaitingResponse),
      ];
    }
  }
}

/** A slice cannot have notes here: they are an instant beside its start, the answer at its end. */
function marksOfGroup(moment: Moment & { kind: 'GROUP_QUEUED' | 'GROUP_LEFT' }): string[] {
  const { iopfGroupId, contextId, faultId } = moment.group;
  const name = `iopf group ${iopfGroupId}`;
  const of = notesText(moment.notes);
  if (moment.kind === 'GROUP_QUEUED') {
    return [
      mark('S', contextId, name, iopfGroupId),
      mark('I', contextId, `${name} queued in fault queue ${faultId}: ${of}`),
    ];
  }
  const { end, waitUs } = moment;
  return [
    mark('I', contextId, `${name} ${end} after ${waitUs} us: ${of}`),
    mark('F', contextId, name, iopfGroupId),
    mark('C', contextId, `fault queue ${faultId} wait us`, waitUs),
  ];
}

/** Lines are in the order of time: a group has no number yet when its request begins to wait. */
function heldMarks(event: Event, state: MachineState): string[] {
  if (event.type !== 'PageRequestInFlight' && event.type !== 'PageRequestLanded') return [];
  const { type, inFlightId } = event;
  const { contextId } = type === 'PageRequestInFlight' ? event : state.inFlight.get(inFlightId)!;
  const letter = type === 'PageRequestInFlight' ? 'S' : 'F';
  return [mark(letter, contextId, `request in flight ${inFlightId}`, inFlightId)];
}

function mark(letter: string, pid: number, ...fields: readonly (number | string)[]): string {
  return `tracing_mark_write: ${[letter, pid, ...fields].join('|')}`;
}

/** The tracepoints a kernel passes as this happens; `state` is what the event met. */
function tracepoints(event: Event, state: MachineState, requests: number): string[] {
  switch (event.type) {
    case 'PciDeviceAdded':
    case 'MockDeviceAdded': {
      const [, name] = deviceAdded(event)!;
      return [grouped('add_device_to_group', event.iommuGroupId, name)];
    }
    case 'PhysicalDeviceRemoved': {
      const device = physicalDeviceOf(state, event.deviceNo);
      return [grouped('remove_device_from_group', device.iommuGroupId, deviceName(device))];
    }
    case 'DomainAttached': {
      // __iommu_set_group_pasid passes no tracepoint.
      if (event.pasid !== undefined) return [];
      const deviceNos = state.iommuGroups.get(event.iommuGroupId)?.deviceNos ?? [];
      return deviceNos.map(deviceNo => {
        const device = physicalDeviceOf(state, deviceNo);
        return `attach_device_to_domain: IOMMU: device=${deviceName(device)}`;
      });
    }
    case 'AreaMapped': {
      const size = sizeOf(event);
      return [`map: ${rangeText(event)} paddr=${hex16(event.userVa)} size=${size}`];
    }
    case 'AreaUnmapped': {
      const size = sizeOf(event);
      return [`unmap: ${rangeText(event)} size=${size} unmapped_size=${size}`];
    }
    case 'PageRequestReported': {
      const name = deviceName(physicalDeviceOf(state, event.deviceNo));
      const request = requestText(event.request, requesterId(name));
      return [`prq_report: ${IOMMU_NAME}/${name} seq# ${requests}: ${request}`];
    }
    case 'PageResponseSent': {
      const rid = requesterId(deviceName(physicalDeviceOf(state, event.deviceNo)));
      const { pasid, grpid, code } = event;
      const low = (BigInt(pasid) << 32n) | (BigInt(rid) << 16n) | (BigInt(code) << 12n);
      const hasPasid = pasid === 0 ? 0n : 1n << 4n;
      const words = [low | hasPasid | PAGE_GROUP_RESPONSE, BigInt(grpid) << 3n, 0n, 0n];
      return [`qi_submit: page_grp_resp ${IOMMU_NAME}: ${words.map(hex).join(' ')}`];
    }
    default:
      return [];
  }
}

function grouped(name: string, groupId: number, device: string): string {
  return `${name}: IOMMU: groupID=${groupId} device=${device}`;
}

interface Area {
  readonly start: bigint;
  readonly last: bigint;
}

function sizeOf({ start, last }: Area): bigint {
  return last - start + 1n;
}

/** The kernel prints the address after the last one. */
function rangeText({ start, last }: Area): string {
  return `IOMMU: iova=${hex16(start)} - ${hex16(BigInt.asUintN(64, last + 1n))}`;
}

/** As decode_prq_descriptor of drivers/iommu/intel/iommu.h: `addr` is the page's number. */
function requestText({ flags, pasid, grpid, perm, addr }: PageRequest, rid: number): string {
  const letters = [...'rwxp'].map((letter, bit) => ((perm >> bit) & 1 ? letter : '-')).join('');
  const last = (flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE) !== 0 ? 'l' : '-';
  const page = hex(addr >> 12n);
  const ids = `pasid=${hex(BigInt(pasid))} index=${hex(BigInt(grpid))}`;
  return `rid=${hex(BigInt(rid))} addr=${page} ${letters}${last} ${ids}`;
}

/** Bus, device and function as the IOMMU sees them; mock devices have none. */
function requesterId(name: string): number {
  const parts = /^[0-9a-f]{4}:([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/.exec(name);
  if (parts === null) return 0;
  const [bus, device, fn] = parts.slice(1).map(part => Number.parseInt(part, 16));
  return (bus! << 8) | (device! << 3) | fn!;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function hex16(value: bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`;
}
