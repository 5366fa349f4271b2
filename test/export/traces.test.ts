/** Traces for other programs: the life of each iopf group, what queues hold, kernel tracepoints. */
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { guestMapping, makingCommands } from '../../bench/hardware/modelled-machine.ts';
import type { Command } from '../../src/core/machine/command.ts';
import { allOperations } from '../../src/engine/export/export.ts';
import { checkExport, importExport } from '../../src/engine/export/import.ts';
import { message } from '../../src/engine/trace/protobuf.ts';
import { Timeline } from '../../src/engine/trace/timeline.ts';
import { chromeTrace } from '../../src/engine/trace/trace-chrome.ts';
import { ftraceText } from '../../src/engine/trace/trace-ftrace.ts';
import { perfettoTrace } from '../../src/engine/trace/trace-perfetto.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { CREATE, FAULTING, pageRequest, QUEUE } from '../engine/machine/fixtures.ts';
import { AT_MS, FAULTS, GOLDEN, logOf } from './fixtures.ts';

const ioas = { contextId: 1, ioasId: 2 };
const MAPPING: readonly Command[] = [
  {
    type: 'IoasMap',
    ...{ ...ioas, flags: 7, userVa: 0x1000_0000n, length: 0x2000n, iova: 0x5000n },
  },
  { type: 'IoasUnmap', ...ioas, iova: 0x5000n, length: 0x2000n },
  { type: 'TestMockDomain', contextId: 1, ptId: 2, devFlags: 0 },
];

const held = (grpid: number, addr?: bigint, lastPage?: boolean): Command =>
  ({ ...pageRequest(grpid, addr, lastPage), hold: true }) as Command;
const OTHER: Command = { type: 'ContextOpen' };
const resume = (inFlightId: number): Command => ({ type: 'PageRequestResume', inFlightId });

async function operations(commands: readonly Command[] = FAULTS) {
  return allOperations(await logOf(commands, CREATE), 'm');
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

test('time never stands still, however many events a millisecond has', async () => {
  const log = await logOf(FAULTS, CREATE);
  const timeline = new Timeline();
  let before = -1;
  for await (const operation of allOperations(log, 'm')) {
    const sameMillisecond = { ...operation, atMs: 5 };
    for (const { kind, atUs } of timeline.moments(sameMillisecond)) {
      if (kind !== 'OPERATION' && kind !== 'EVENT') expect(atUs).toBe(before);
      else expect(atUs).toBe(Math.max(5_000, before + 1));
      before = atUs;
    }
  }
  expect(before).toBeGreaterThan(5_040);
});

describe.each(globSync(join(GOLDEN, '*.jsonl')).map(file => [basename(file), file] as const))(
  'of %s',
  (_, file) => {
    const log = openMemoryLog();
    beforeAll(() => importExport(log, file, checkExport(file), 'm'));
    const entries = async (): Promise<Entry[]> =>
      JSON.parse(await textOf(chromeTrace('m', allOperations(log, 'm')))).traceEvents;

    test('what begins on a track ends there, the inner first', async () => {
      const open = new Map<string, string[]>();
      for (const { ph, id, name } of await entries()) {
        if (ph === 'b') open.set(id!, [...(open.get(id!) ?? []), name]);
        if (ph === 'e') expect(open.get(id!)!.pop()).toBe(name);
      }
    });

    test('the kinds of traces agree', async () => {
      const text = await textOf(ftraceText(allOperations(log, 'm')));
      let packets = 0;
      for await (const _packet of perfettoTrace('m', allOperations(log, 'm'))) packets++;
      const all = await entries();
      const groups = all.filter(({ ph, name }) => ph === 'b' && name.startsWith('iopf group'));
      expect(text.match(/: S\|\d+\|iopf group/g)?.length ?? 0).toBe(groups.length);
      expect(packets).toBeGreaterThan(all.filter(({ ph }) => ph !== 'M').length);
    });
  },
);

interface Entry {
  readonly ph: string;
  readonly id?: string;
  readonly name: string;
  readonly ts: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

describe('a request held in flight is a wait of its own', () => {
  /** Commands from the ninth on, and what their group waited for, by the operations it took. */
  test.each([
    ['alone', [held(1), OTHER, resume(1)], [['in flight', 9, 11]]],
    [
      'the first',
      [held(1, 0x1000n, false), resume(1), pageRequest(1)],
      [
        ['in flight', 9, 10],
        ['collect', 10, 11],
      ],
    ],
    [
      'the last',
      [pageRequest(1, 0x1000n, false), held(1), resume(1)],
      [
        ['collect', 9, 10],
        ['in flight', 10, 11],
      ],
    ],
    [
      'the first and the last, apart',
      [held(1, 0x1000n, false), resume(1), held(1), resume(2)],
      [
        ['in flight', 9, 10],
        ['collect', 10, 11],
        ['in flight', 11, 12],
      ],
    ],
    [
      'the first and the last, together',
      [held(1, 0x1000n, false), held(1), resume(1), resume(2)],
      [['in flight', 9, 12]],
    ],
    [
      'none, with another group in flight meanwhile',
      [held(2), pageRequest(1, 0x1000n, false), pageRequest(1)],
      [['collect', 10, 11]],
    ],
  ] as const)('%s', async (_, commands, waited) => {
    const timeline = new Timeline();
    const found: unknown[] = [];
    for await (const operation of await operations([...FAULTING, ...commands])) {
      for (const moment of timeline.moments(operation)) {
        if (moment.kind !== 'GROUP_QUEUED') continue;
        const ms = (us: number) => Math.floor(us / 1_000) - AT_MS;
        for (const { name, sinceUs, untilUs } of moment.waits) {
          found.push([name, ms(sinceUs), ms(untilUs)]);
        }
      }
    }
    expect(found).toEqual(waited);
  });
});

describe('chrome', () => {
  const entriesOf = async (commands?: readonly Command[]): Promise<Entry[]> =>
    JSON.parse(await textOf(chromeTrace('m', await operations(commands)))).traceEvents;

  test('an iopf group is an async track with what it waited for inside', async () => {
    const entries = await entriesOf();
    const shown = (id: string) =>
      entries.filter(entry => entry.id === id).map(({ ph, name, ts }) => [ph, name, ts % 100_000]);
    expect(shown('0x1')).toEqual([
      ['b', 'iopf group 1', 9_002],
      ['b', 'collect', 9_002],
      ['e', 'collect', 10_002],
      ['b', 'deliver', 10_002],
      ['e', 'deliver', 11_001],
      ['b', 'awaiting response', 11_001],
      ['e', 'awaiting response', 13_001],
      ['e', 'iopf group 1', 13_001],
    ]);
    expect(shown('0x2')).toEqual([
      ['b', 'iopf group 2', 12_002],
      ['b', 'deliver', 12_002],
      ['e', 'deliver', 14_003],
      ['e', 'iopf group 2', 14_003],
    ]);
    const ends = entries.filter(({ ph, name }) => ph === 'e' && name.startsWith('iopf group'));
    expect(ends.map(({ args }) => args!['end'])).toEqual([
      'SUCCESS (0)',
      'taken away: INVALID (1)',
    ]);
  });

  test('a group’s track has what its viewer looks for', async () => {
    const entries = await entriesOf();
    const of = (id: string) => entries.filter(entry => entry.id === id && entry.args !== undefined);
    expect(of('0x1').map(({ args }) => args)).toEqual([
      {
        ...{ contextId: 1, faultId: 4, deviceId: 1, bdf: '0000:01:00.0', pasid: null, grpid: 7 },
        ...{ requests: 2, addr: '0x10000 0x11000', access: 'read (0x1)' },
      },
      { cookie: 1, reader: expect.any(String) },
      { end: 'SUCCESS (0)', waitUs: 3_999 },
    ]);
  });

  test('how long the group waited that left last is a counter', async () => {
    const waits = (await entriesOf()).filter(({ name }) => name.endsWith('wait in µs'));
    expect(waits.map(({ ph, name, args }) => [ph, name, args])).toEqual([
      ['C', 'context 1, fault queue 4, wait in µs', { waitUs: 3_999 }],
      ['C', 'context 1, fault queue 4, wait in µs', { waitUs: 2_001 }],
    ]);
  });

  test('the wait in flight is inside the track', async () => {
    const entries = await entriesOf([...FAULTING, held(1), OTHER, resume(1)]);
    expect(
      entries.filter(({ id }) => id).map(({ ph, name, ts }) => [ph, name, ts % 100_000]),
    ).toEqual([
      ['b', 'iopf group 1', 9_002],
      ['b', 'in flight', 9_002],
      ['e', 'in flight', 11_002],
      ['b', 'deliver', 11_002],
    ]);
  });

  test('a fault queue is a counter', async () => {
    const counters = (await entriesOf()).filter(({ name }) => name === 'context 1, fault queue 4');
    expect(new Set(counters.map(({ ph }) => ph))).toEqual(new Set(['C']));
    expect(counters.map(({ args }) => Object.values(args!))).toEqual([
      [1, 0],
      [0, 1],
      [1, 1],
      [1, 0],
      [0, 0],
    ]);
  });

  test('an operation is an instant with its errno', async () => {
    const refused: Command = { type: 'Destroy', contextId: 1, id: 77 };
    const instants = (await entriesOf([...FAULTS, refused])).filter(({ ph }) => ph === 'i');
    expect(instants.map(({ name }) => name)).toEqual([
      ...['MachineCreate', ...FAULTS.map(({ type }) => type)],
      'Destroy ENOENT',
    ]);
    expect(instants.at(-1)!.args).toMatchObject({ asked: 'Destroy contextId=1 id=77' });
    const mapped = instants.find(({ name }) => name === 'HwptAlloc')?.args?.['asked'];
    expect(mapped).toContain('flags=1 (IOMMU_HWPT_ALLOC_NEST_PARENT)');
  });

  test('a group nobody answers stays open', async () => {
    const open = [...FAULTS.slice(0, 7), pageRequest(1), { type: 'FaultRead', ...QUEUE } as const];
    const read: Command = { ...open.pop()!, count: 4000, reader: 'HANDLER' } as Command;
    const entries = (await entriesOf([...(open as Command[]), read])).filter(({ id }) => id);
    expect(entries.map(({ ph, name }) => `${ph} ${name}`)).toEqual([
      'b iopf group 1',
      'b deliver',
      'e deliver',
      'b awaiting response',
    ]);
    expect(entries.at(-1)!.args).toEqual({ cookie: 1, reader: 'HANDLER' });
  });
});

/** Protocol buffers by the wire format alone: number to its values, texts as bytes. */
function decoded(bytes: Uint8Array): Map<number, (bigint | Uint8Array)[]> {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++]!);
      value += (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const wireType = Number(key & 7n);
    if (wireType !== 0 && wireType !== 2) throw new Error(`wire type ${wireType} at ${at}`);
    let value: bigint | Uint8Array = varint();
    if (wireType === 2) {
      const length = Number(value);
      if (at + length > bytes.length) throw new Error(`the field at ${at} is cut off`);
      value = bytes.subarray(at, at + length);
      at += length;
    }
    const number = Number(key >> 3n);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

describe('perfetto', () => {
  const bytesOf = (value: bigint | Uint8Array | undefined) => value as Uint8Array;
  const utf8 = (value: bigint | Uint8Array | undefined) =>
    value === undefined ? undefined : Buffer.from(value as Uint8Array).toString();

  /** Each event as its track's name, what it is, and when. */
  async function packets(commands?: readonly Command[]) {
    const pieces: Uint8Array[] = [];
    for await (const piece of perfettoTrace('m', await operations(commands))) pieces.push(piece);
    const trace = decoded(Buffer.concat(pieces));
    expect([...trace.keys()]).toEqual([1]);
    const tracks = new Map<bigint, string>();
    const events = [];
    for (const packet of trace.get(1)!) {
      const fields = decoded(bytesOf(packet));
      expect(fields.get(10)).toEqual([1n]);
      const described = fields.get(60);
      if (described !== undefined) {
        const track = decoded(bytesOf(described[0]));
        const uuid = track.get(1)![0] as bigint;
        expect(tracks.has(uuid)).toBe(false);
        const process = track.get(3);
        const name = process ? decoded(bytesOf(process[0])).get(6)![0] : track.get(2)![0];
        if (process === undefined) expect(tracks.get(track.get(5)![0] as bigint)).toBe('machine m');
        expect(track.has(8)).toBe(utf8(name)!.includes('fault queue'));
        tracks.set(uuid, utf8(name)!);
        continue;
      }
      const event = decoded(bytesOf(fields.get(11)![0]));
      events.push({
        track: tracks.get(event.get(11)![0] as bigint),
        type: Number(event.get(9)![0]),
        name: utf8(event.get(23)?.[0]),
        atUs: Number(((fields.get(8)![0] as bigint) / 1_000n) % 100_000n),
        value: event.get(30)?.[0],
        notes: (event.get(4) ?? []).map(note => {
          const said = decoded(bytesOf(note));
          return `${utf8(said.get(10)![0])}=${utf8(said.get(6)![0])}`;
        }),
      });
    }
    return events;
  }

  test('an iopf group is a track of slices', async () => {
    const events = (await packets()).filter(({ track }) => track === 'iopf group 1');
    expect(events.map(({ type, name, atUs }) => [type, name, atUs])).toEqual([
      [1, 'iopf group 1', 9_002],
      [1, 'collect', 9_002],
      [2, undefined, 10_002],
      [1, 'deliver', 10_002],
      [2, undefined, 11_001],
      [1, 'awaiting response', 11_001],
      [2, undefined, 13_001],
      [2, undefined, 13_001],
    ]);
  });

  test('its slice has what its viewer looks for, and the answer by name', async () => {
    const events = (await packets()).filter(({ track }) => track === 'iopf group 2');
    expect(events.map(({ notes }) => notes)).toEqual([
      [
        ...['contextId=1', 'faultId=4', 'deviceId=1', 'bdf=0000:01:00.0', 'pasid=null', 'grpid=8'],
        ...['requests=1', 'addr=0x20000', 'access=read (0x1)'],
      ],
      [],
      [],
      ['end=taken away: INVALID (1)', 'waitUs=2001'],
    ]);
  });

  test('the wait in flight is a slice inside the track', async () => {
    const events = await packets([...FAULTING, held(1), OTHER, resume(1)]);
    expect(
      events
        .filter(({ track }) => track === 'iopf group 1')
        .map(({ type, name, atUs }) => [type, name, atUs]),
    ).toEqual([
      [1, 'iopf group 1', 9_002],
      [1, 'in flight', 9_002],
      [2, undefined, 11_002],
      [1, 'deliver', 11_002],
    ]);
  });

  test('a fault queue is three counters, an operation an instant', async () => {
    const events = await packets();
    const counted = (what: string) =>
      events
        .filter(({ track }) => track === `context 1, fault queue 4, ${what}`)
        .map(({ type, value }) => [type, Number(value)]);
    expect(counted('deliver').map(([, value]) => value)).toEqual([1, 0, 1, 1, 0]);
    expect(counted('awaitingResponse').map(([, value]) => value)).toEqual([0, 1, 1, 0, 0]);
    expect(counted('wait in µs')).toEqual([
      [4, 3_999],
      [4, 2_001],
    ]);
    expect(new Set(counted('deliver').map(([type]) => type))).toEqual(new Set([4]));
    const instants = events
      .filter(({ type }) => type === 3)
      .map(({ track, name }) => [track, name]);
    expect(instants.slice(0, 2)).toEqual([
      ['hardware', 'MachineCreate'],
      ['context 1', 'ContextOpen'],
    ]);
    expect(instants).toHaveLength(FAULTS.length + 1);
  });

  test('varints are as the format wants them', () => {
    expect([...message([1, 150])]).toEqual([0x08, 0x96, 0x01]);
    expect([...message([2, 'testing'])].slice(0, 3)).toEqual([0x12, 0x07, 0x74]);
    expect([...message([16, 2n ** 64n - 1n])]).toEqual([0x80, 1, ...Array(9).fill(0xff), 1]);
    expect([...message([1, 0])]).toEqual([8, 0]);
  });
});

describe('ftrace', () => {
  const linesOf = async (commands: readonly Command[]) =>
    (await textOf(ftraceText(await operations(commands)))).trimEnd().split('\n');

  test('each line is laid out as tracefs prints it', async () => {
    const lines = await linesOf(FAULTS);
    expect(lines[0]).toBe('# tracer: nop');
    const LINE = /^ *(<idle>|program)-\d+ +\[000\] \.{5} +\d+\.\d{6}: [a-z_]+: .+$/;
    for (const line of lines.filter(text => !text.startsWith('#'))) expect(line).toMatch(LINE);
    expect(lines).toContain(
      '          <idle>-0       [000] .....  1767225600.009001: prq_report: iommu0/0000:01:00.0 seq# 1: rid=0x100 addr=0x10 r---- pasid=0x0 index=0x7',
    );
  });

  test('tracepoints have the kernel’s names and fields', async () => {
    const lines = await linesOf([...FAULTS, ...MAPPING]);
    const said = lines.map(line => line.replace(/^.*\d{6}: /, ''));
    expect(said.filter(text => !/^#|^tracing_mark_write/.test(text))).toEqual([
      'add_device_to_group: IOMMU: groupID=1 device=0000:01:00.0',
      'add_device_to_group: IOMMU: groupID=2 device=0000:01:00.1',
      'add_device_to_group: IOMMU: groupID=3 device=0000:02:00.0',
      'add_device_to_group: IOMMU: groupID=3 device=0000:02:00.1',
      'add_device_to_group: IOMMU: groupID=4 device=0000:03:00.0',
      'attach_device_to_domain: IOMMU: device=0000:01:00.0',
      'prq_report: iommu0/0000:01:00.0 seq# 1: rid=0x100 addr=0x10 r---- pasid=0x0 index=0x7',
      'prq_report: iommu0/0000:01:00.0 seq# 2: rid=0x100 addr=0x11 r---l pasid=0x0 index=0x7',
      'prq_report: iommu0/0000:01:00.0 seq# 3: rid=0x100 addr=0x20 r---l pasid=0x0 index=0x8',
      'qi_submit: page_grp_resp iommu0: 0x1000009 0x38 0x0 0x0',
      'qi_submit: page_grp_resp iommu0: 0x1001009 0x40 0x0 0x0',
      'map: IOMMU: iova=0x0000000000005000 - 0x0000000000007000 paddr=0x0000000010000000 size=8192',
      'unmap: IOMMU: iova=0x0000000000005000 - 0x0000000000007000 size=8192 unmapped_size=8192',
      'add_device_to_group: IOMMU: groupID=5 device=iommufd_mock0',
      'attach_device_to_domain: IOMMU: device=iommufd_mock0',
    ]);
  });

  test('attaching the RID passes a tracepoint, attaching a PASID none', async () => {
    const create = { ...CREATE, baseline: 'LINUX_7_3_4' } as const;
    const hwpt = { contextId: 1, ptId: 1, dataType: 0, dataLen: 0, userData: null, faultId: 0 };
    const log = await logOf(
      [
        { type: 'ContextOpen' },
        { type: 'IoasAlloc', contextId: 1, flags: 0 },
        { type: 'TestMockDomain', contextId: 1, ptId: 1, devFlags: 4 },
        { type: 'HwptAlloc', devId: 3, flags: 8, ...hwpt },
        { type: 'TestMockDomainReplace', contextId: 1, stdevId: 2, ptId: 5 },
        { type: 'TestPasidAttach', contextId: 1, stdevId: 2, pasid: 7, ptId: 5 },
      ],
      create,
    );
    const events = (await Array.fromAsync(allOperations(log, 'm'))).flatMap(({ events }) => events);
    expect(events).toContainEqual(expect.objectContaining({ type: 'DomainAttached', pasid: 7 }));
    const text = await textOf(ftraceText(allOperations(log, 'm')));
    expect(text.match(/attach_device_to_domain: .*/g)).toEqual([
      'attach_device_to_domain: IOMMU: device=iommufd_mock0',
      'attach_device_to_domain: IOMMU: device=iommufd_mock0',
    ]);
  });

  test('a request in flight is a slice of its own', async () => {
    const lines = await linesOf([...FAULTING, held(1), OTHER, resume(1)]);
    const marks = lines.flatMap(
      line => /\d+\.(\d+): tracing_mark_write: ([SF].*)$/.exec(line) ?? [],
    );
    expect(marks.filter((_, i) => i % 3 !== 0)).toEqual([
      ...['009002', 'S|1|request in flight 1|1'],
      ...['011001', 'F|1|request in flight 1|1'],
      ...['011002', 'S|1|iopf group 1|1'],
    ]);
  });

  test('groups and queues are marks a trace viewer reads', async () => {
    const marks = (await linesOf(FAULTS)).flatMap(line => {
      const mark = /tracing_mark_write: ([SFC]\|.*)$/.exec(line);
      return mark === null ? [] : [mark[1]!];
    });
    expect(marks.filter(mark => !mark.startsWith('C'))).toEqual([
      'S|1|iopf group 1|1',
      'S|1|iopf group 2|2',
      'F|1|iopf group 1|1',
      'F|1|iopf group 2|2',
    ]);
    expect(marks.filter(mark => mark.includes('wait us'))).toEqual([
      'C|1|fault queue 4 wait us|3999',
      'C|1|fault queue 4 wait us|2001',
    ]);
    expect(marks.slice(-2)).toEqual([
      'C|1|fault queue 4 deliver|0',
      'C|1|fault queue 4 awaitingResponse|0',
    ]);
  });
});

test('ftrace says what a group asks for in addresses, and its answer by name', async () => {
  const text = await textOf(ftraceText(await operations()));
  const said = [...text.matchAll(/: I\|1\|(iopf group \d (?!read with).*)/g)];
  expect(said.map(([, mark]) => mark)).toEqual([
    'iopf group 1 queued in fault queue 4: 0000:01:00.0, group index 7: read (0x1) at 0x10000 0x11000',
    'iopf group 2 queued in fault queue 4: 0000:01:00.0, group index 8: read (0x1) at 0x20000',
    'iopf group 1 SUCCESS (0) after 3999 us: 0000:01:00.0, group index 7: read (0x1) at 0x10000 0x11000',
    'iopf group 2 taken away: INVALID (1) after 2001 us: 0000:01:00.0, group index 8: read (0x1) at 0x20000',
  ]);
});

describe('DMAs of modelled hardware', () => {
  const IOVA = 0x4000_0000n;
  const read = (iova: bigint, length = 4096n): Command => ({
    type: 'Dma',
    ...{ bdf: '0000:01:00.0', pasid: null, iova, length, write: false, fill: 0 },
  });
  const [make, ...making] = makingCommands();
  const COMMANDS: readonly Command[] = [
    ...making,
    guestMapping(IOVA, 0x8_0000n, 4096n),
    read(IOVA),
    read(IOVA + 4096n),
    { type: 'FaultRead', contextId: 1, faultId: 4, count: 4000, reader: 'READ' },
    { type: 'FaultWrite', contextId: 1, faultId: 4, count: 8, responses: [{ cookie: 1, code: 0 }] },
    { type: 'FaultRead', contextId: 1, faultId: 4, count: 4000, reader: 'READ' },
    guestMapping(IOVA + 4096n, 0x8_1000n, 4096n),
    { type: 'FaultWrite', contextId: 1, faultId: 4, count: 8, responses: [{ cookie: 1, code: 0 }] },
  ];
  const logged = async () =>
    allOperations(await logOf(COMMANDS, make as Command & { type: 'MachineCreate' }), 'm');
  const chrome = async (): Promise<Entry[]> =>
    JSON.parse(await textOf(chromeTrace('m', await logged()))).traceEvents;

  test('one that waits is a track with its waits inside, one done at once an instant', async () => {
    const entries = await chrome();
    const track = entries.filter(({ id }) => id === 'dma 2');
    expect(track.map(({ ph, name }) => [ph, name])).toEqual([
      ['b', 'DMA 2'],
      ['b', 'waits for group index 0'],
      ['e', 'waits for group index 0'],
      ['b', 'waits for group index 0'],
      ['e', 'waits for group index 0'],
      ['e', 'DMA 2'],
    ]);
    expect(track[0]!.args).toEqual({
      bdf: '0000:01:00.0',
      iova: '0x40001000',
      length: 4096,
      access: 'read',
      pasid: null,
    });
    expect(track.at(-1)!.args).toEqual({ end: 'done (WALK)' });
    const times = track.map(({ ts }) => ts);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const instant = entries.filter(({ ph, name }) => ph === 'i' && name === 'DMA 1');
    expect(instant.map(({ args }) => args)).toMatchObject([{ end: 'done (WALK)' }]);
  });

  test('Perfetto’s own format has the same, and ftrace its marks', async () => {
    let bytes = '';
    for await (const packet of perfettoTrace('m', await logged())) {
      bytes += Buffer.from(packet).toString('latin1');
    }
    expect(bytes).toContain('DMA of 0000:01:00.0');
    expect(bytes.split('waits for group index 0')).toHaveLength(3);
    expect(bytes.split('done (WALK)')).toHaveLength(3);
    const text = await textOf(ftraceText(await logged()));
    const marks = [...text.matchAll(/tracing_mark_write: (\w\|0\|DMA .*)/g)].map(([, m]) => m);
    expect(marks).toEqual([
      'I|0|DMA 1 done (WALK)',
      'S|0|DMA 2|2',
      'I|0|DMA 2 waits for group index 0',
      'I|0|DMA 2 waits for group index 0',
      'F|0|DMA 2|2',
    ]);
  });
});
