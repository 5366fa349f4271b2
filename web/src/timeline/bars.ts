/** iopf groups out of the events of a window: when each was asked for, queued, read and answered. */
import type { JsonObject } from '../../../src/operations/typed-document.ts';
import type { LogLine } from '../data/events.ts';
import type { Depths, GroupBar, Outcome } from './scene.ts';

type Life = { -readonly [Name in keyof Omit<GroupBar, 'row'>]: GroupBar[Name] };

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A request that waits for its group: `deviceNo` and the group's index name it until it is queued. */
function requestName(data: JsonObject): string | null {
  const { request, deviceNo } = data;
  return isObject(request ?? null) ? `${deviceNo}/${(request as JsonObject)['grpid']}` : null;
}

function begin(data: JsonObject, seq: number, requested: number): Life {
  return {
    id: Number(data['iopfGroupId']),
    requested,
    queued: seq,
    read: null,
    ended: null,
    outcome: 'OPEN',
    cookie: null,
    device: `device ${data['deviceNo']}`,
    queue: `${data['contextId']}:${data['faultId']}`,
  };
}

function endOf({ type }: LogLine, data: JsonObject): Outcome | null {
  if (type === 'PageResponseWritten') return data['code'] === 0 ? 'SUCCESS' : 'INVALID';
  if (type === 'IopfGroupAutoResponded' || type === 'IopfGroupFlushed') return 'TAKEN_AWAY';
  return type === 'IopfGroupLost' ? 'LOST' : null;
}

/** Gives each bar the first row that is free where it begins. */
function packed(lives: readonly Life[]): GroupBar[] {
  const ends: number[] = [];
  return lives.map(life => {
    let row = ends.findIndex(end => end < life.requested);
    if (row < 0) row = ends.length;
    ends[row] = life.ended === null ? Number.POSITIVE_INFINITY : life.ended + 1;
    return { ...life, row };
  });
}

export function barsOf(lines: readonly LogLine[]): GroupBar[] {
  const lives = new Map<number, Life>();
  const requests = new Map<string, number>();
  for (const line of lines) {
    const { seq, type, data } = line;
    if (!isObject(data)) continue;
    if (type === 'PageRequestReported') {
      const name = requestName(data);
      if (name !== null && !requests.has(name)) requests.set(name, seq);
    } else if (type === 'IopfGroupQueued') {
      const [request] = data['requests'] as readonly JsonObject[];
      const name = `${data['deviceNo']}/${request?.['grpid']}`;
      const life = begin(data, seq, requests.get(name) ?? seq);
      lives.set(life.id, life);
      requests.delete(name);
    }
    const life = lives.get(Number(data['iopfGroupId']));
    if (life === undefined || life.ended !== null) continue;
    if (type === 'IopfGroupRead') {
      life.read = seq;
      life.cookie = Number(data['cookie']);
    }
    const outcome = endOf(line, data);
    if (outcome === null) continue;
    life.ended = seq;
    life.outcome = outcome;
  }
  return packed([...lives.values()]);
}

/** How many groups wait and are held after each event of a window. */
export function depthsOf(lines: readonly LogLine[], bars: readonly GroupBar[]): Depths {
  const changes = new Map<number, { waiting: number; held: number }>();
  const add = (seq: number | null, waiting: number, held: number) => {
    if (seq === null) return;
    const at = changes.get(seq) ?? { waiting: 0, held: 0 };
    changes.set(seq, { waiting: at.waiting + waiting, held: at.held + held });
  };
  for (const { queued, read, ended } of bars) {
    add(queued, 1, 0);
    add(read, -1, 1);
    add(ended, read === null ? -1 : 0, read === null ? 0 : -1);
  }
  const first = Uint32Array.from(lines, ({ seq }) => seq);
  const depths = { first, last: first, waiting: first.slice(), held: first.slice() };
  let waiting = 0;
  let held = 0;
  for (const [index, seq] of first.entries()) {
    const by = changes.get(seq);
    waiting += by?.waiting ?? 0;
    held += by?.held ?? 0;
    depths.waiting[index] = waiting;
    depths.held[index] = held;
  }
  return depths;
}
