/** A fault handler that is mostly right: it maps what was asked for and says so, or not. */
import { BEHAVIOUR } from '../../../abi/behaviour.ts';
import type { IopfGroup } from '../../../core/iommu/state.ts';
import type { FaultQueue, IommufdContext } from '../../../core/iommufd/state.ts';
import type { Command } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { Prng } from '../../prng.ts';
import {
  dataOf,
  IOVA_PAGES,
  IOVAS,
  ioasOf,
  PAGE,
  queuesOf,
  TABLES,
  TABLES_LENGTH,
} from './pick.ts';
import { mapGuest } from './set-up.ts';

const SUCCESS = 0;
const INVALID = 1;
const FAILURE = 2;

/** Reads from a queue in which something waits; null: nothing waits in any. */
export function readFaults(random: Prng, context: IommufdContext): Command | null {
  const waiting = queuesOf(context).filter(
    ({ deliver, fileOpen }) => fileOpen && deliver.length > 0,
  );
  if (waiting.length === 0) return null;
  const { contextId } = context;
  const count = random.pick([4_000, 4_000, 120, 40]);
  const reader = random.chance(0.8) ? 'READ' : 'HANDLER';
  return { type: 'FaultRead', contextId, faultId: random.pick(waiting).id, count, reader };
}

type Manner = 'RIGHT' | 'READ_ONLY' | 'NO_MAP' | 'INVALID' | 'FAILURE' | 'LEAVE';

/** What a handler does about one group that it has read; empty: none, or it does nothing. */
export function answerFault(
  random: Prng,
  state: MachineState,
  context: IommufdContext,
): readonly Command[] {
  const queues = queuesOf(context).filter(
    ({ awaitingResponse, fileOpen }) => fileOpen && awaitingResponse.size > 0,
  );
  if (queues.length === 0) return [];
  const faultQueue = random.pick(queues);
  const cookies = [...faultQueue.awaitingResponse.keys()];
  const cookie = random.chance(0.7) ? cookies[0]! : random.pick(cookies);
  const group = state.iopfGroups.get(faultQueue.awaitingResponse.get(cookie)!)!;
  const manner = random.weighted<Manner>([
    [60, 'RIGHT'],
    [6, 'READ_ONLY'],
    [12, 'NO_MAP'],
    [10, 'INVALID'],
    [BEHAVIOUR[state.baseline].responseCodeChecked ? 1 : 6, 'FAILURE'],
    [6, 'LEAVE'],
  ]);
  switch (manner) {
    case 'RIGHT':
    case 'READ_ONLY': {
      const perm = manner === 'RIGHT' ? 3 : 1;
      const maps = mapAsked(random, state, context, group, perm);
      return [...maps, write(context, faultQueue, cookie, SUCCESS)];
    }
    case 'NO_MAP':
      return [write(context, faultQueue, cookie, SUCCESS)];
    case 'INVALID':
      return [write(context, faultQueue, cookie, INVALID)];
    case 'FAILURE':
      return [write(context, faultQueue, cookie, FAILURE)];
    case 'LEAVE':
      return [];
  }
}

function write(
  { contextId }: IommufdContext,
  { id: faultId }: FaultQueue,
  cookie: number,
  code: number,
): Command {
  return { type: 'FaultWrite', contextId, faultId, count: 8, responses: [{ cookie, code }] };
}

/** Maps the pages of a group in the guest's table, and in the nest parent where it has a hole. */
function mapAsked(
  random: Prng,
  state: MachineState,
  context: IommufdContext,
  { deviceNo, requests }: IopfGroup,
  perm: number,
): Command[] {
  const device = state.physicalDevices.get(deviceNo);
  const domain = device && state.iommuGroups.get(device.iommuGroupId)?.domain;
  if (domain?.kind !== 'HWPT' || domain.contextId !== context.contextId) return [];
  const commands: Command[] = [];
  for (const addr of new Set(requests.map(request => request.addr))) {
    if (addr < IOVAS || addr >= IOVAS + BigInt(IOVA_PAGES) * PAGE) continue;
    const gpa = dataOf(random);
    commands.push(guestMap(context, domain.hwptId, addr, gpa, PAGE, perm));
    const ioas = ioasOf(context);
    if (ioas !== null && ioas.areas.at(gpa) === null) {
      commands.push(mapGuest(context.contextId, ioas.id, gpa, PAGE, 7));
    }
  }
  return commands;
}

export function guestMap(
  { contextId }: IommufdContext,
  hwptId: number,
  iova: bigint,
  gpa: bigint,
  length: bigint,
  perm: number,
): Command {
  const tables = { tablesGpa: TABLES, tablesLength: TABLES_LENGTH };
  return {
    type: 'GuestMap',
    contextId,
    hwptId,
    iova,
    gpa,
    length,
    perm,
    pageSize: PAGE,
    ...tables,
  };
}
