/** Two states compared, and the inventory of what a state holds. */
import { describe, expect, test } from 'vitest';
import { type Difference, diffStates } from '../../../src/core/explain/diff.ts';
import { objectAt } from '../../../src/core/explain/inventory.ts';
import { OBJECT_FIELDS } from '../../../src/core/explain/object-fields.ts';
import { MACHINE_KEY, type ObjectKey, objectName } from '../../../src/core/explain/object-key.ts';
import {
  SHOWN_ENTRIES_MAX,
  shownChange,
  shownValue,
} from '../../../src/core/explain/shown-value.ts';
import { execute } from '../../../src/core/machine/execute.ts';
import {
  canonicalText,
  fromPlain,
  type Plain,
  toPlain,
} from '../../../src/core/machine/snapshot.ts';
import { initialState, type MachineState } from '../../../src/core/machine/state.ts';
import { randomCommand } from '../../../src/sim/generator/generator.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { Prng } from '../../../src/sim/prng.ts';
import { PCI_FAULTING, PCI_HWPTS, SHARED_GROUP } from '../machine/setups.ts';
import { given } from '../machine/table.ts';
import { full } from './full-state.ts';

const copyOf = (state: MachineState) => fromPlain(toPlain(state));

/** Without the moment itself, which is no part of the inventory. */
const textWithoutSeq = (state: MachineState) => canonicalText({ ...state, seq: 0 });

/** `nested hwpt 5 of context 1: users 1 -> 2`. */
function linesOf(differences: readonly Difference[]): string[] {
  return differences.map(({ object, kind, field, before, after }) => {
    if (field === null) return `${objectName(object)} ${kind}`;
    const shown = shownChange(before, after, field);
    const text = (value: Plain) => JSON.stringify(value);
    return `${objectName(object)}: ${field} ${text(shown.before)} -> ${text(shown.after)}`;
  });
}

const mirrored = ({ object, kind, field, before, after }: Difference): Difference => ({
  object,
  kind: kind === 'APPEARED' ? 'WENT' : kind === 'WENT' ? 'APPEARED' : kind,
  field,
  before: after,
  after: before,
});

test('a state does not differ from itself nor from a copy', () => {
  const { state } = full();
  expect(diffStates(state, state)).toEqual([]);
  expect(diffStates(state, copyOf(state))).toEqual([]);
  expect(diffStates(initialState(), initialState())).toEqual([]);
});

test('an attach in words', () => {
  const machine = given(DEVICES, PCI_HWPTS);
  const before = copyOf(machine.state);
  machine.run('attach dev fault');
  expect(linesOf(diffStates(before, machine.state))).toMatchInlineSnapshot(`
    [
      "machine: nextAttachHandleId 1 -> 2",
      "IOMMU group 1: domain {"kind":"BLOCKING"} -> {"kind":"HWPT","contextId":1,"hwptId":6}",
      "IOMMU group 1: attachHandleId null -> 1",
      "IOMMU group 1: hwptId null -> 6",
      "IOMMU group 1: attachedDeviceIds [] -> [1]",
      "physical device 1: iopfFeature false -> true",
      "physical device 1: iopfFeatureSeq null -> 35",
      "device 1 of context 1: users 2 -> 3",
      "device 1 of context 1: attached false -> true",
      "device 1 of context 1: iopfEnabled 0 -> 1",
      "nested hwpt 6 of context 1: users 1 -> 2",
      "nested hwpt 6 of context 1: attachedDeviceIds [] -> [1]",
      "attach handle 1 APPEARED",
    ]
  `);
});

test('mapping and unmapping: areas are objects of their own', () => {
  const machine = given(DEVICES, 'i = ioasAlloc\n map i 0x1000 0x2000');
  const before = copyOf(machine.state);
  machine.run('map i 0x8000 0x1000\n unmap i 0x1000 0x2000');
  expect(linesOf(diffStates(before, machine.state))).toMatchInlineSnapshot(`
    [
      "context 1: nextPagesId 2 -> 3",
      "area 0x1000 of IOAS 1 of context 1 WENT",
      "area 0x8000 of IOAS 1 of context 1 APPEARED",
      "pages 1 of context 1 WENT",
      "pages 2 of context 1 APPEARED",
    ]
  `);
});

test('an id that came back for another type is two objects', () => {
  const machine = given(DEVICES, 'i = ioasAlloc');
  const before = copyOf(machine.state);
  machine.run('destroy i\n q = faultQueueAlloc');
  expect(linesOf(diffStates(before, machine.state))).toEqual([
    'context 1: fileHolders [] -> [1]',
    'IOAS 1 of context 1 WENT',
    'fault queue 1 of context 1 APPEARED',
  ]);
});

test('between two machines: only what is not alike', () => {
  const one = given(DEVICES, PCI_FAULTING);
  const other = given(DEVICES, `${PCI_FAULTING}\n i = ioasAlloc\n destroy i`);
  expect(one.state.seq).not.toBe(other.state.seq);
  expect(diffStates(one.state, other.state)).toEqual([]);
  expect(
    linesOf(diffStates(given([], '').state, given([], '', { baseline: 'LINUX_7_3_4' }).state)),
  ).toEqual(['machine: baseline "LINUX_6_12_117" -> "LINUX_7_3_4"']);
});

test('between two machines: what happened at another seq is no difference', () => {
  const faulted = `
    attach a fault
    attach b fault
    send 0000:02:00.0 grpid=2
    send 0000:02:00.0 grpid=3 more
    read q 80
    detach a
    unbind a
    closeFault q`;
  const later = (more: string) => given(DEVICES, `${SHARED_GROUP}\n${more}`).state;
  const one = later(faulted);
  const other = later(`i = ioasAlloc\n destroy i\n${faulted}`);
  expect(one.hazards.length).toBeGreaterThan(0);
  const names = diffStates(one, other).flatMap(({ object, field }) => field ?? object.kind);
  expect(names).toEqual(
    expect.arrayContaining([
      'iopfFeatureSeq',
      'partial',
      'deviceGoneSeq',
      'queuedSeq',
      'readSeq',
      'HAZARD',
    ]),
  );
  expect(diffStates(one, other, false)).toEqual([]);
  // Whether it happened is one, and a hazard more or less.
  const unread = later(faulted.replace('read q 80', ''));
  expect(linesOf(diffStates(one, unread, false)).join()).toMatch(/readSeq \d+ -> null/);
  const unclosed = later(faulted.replace('closeFault q', ''));
  const { seq } = one.hazards.at(-1)!;
  expect(linesOf(diffStates(one, unclosed, false))).toContain(`hazard at seq ${seq} WENT`);
  expect(linesOf(diffStates(unclosed, one, false))).toContain(`hazard at seq ${seq} APPEARED`);
});

test('between two machines: no seq of a full state is compared', () => {
  const { state } = full();
  const compared: string[] = [];
  let tried = 0;
  for (const { path, leaf, changed } of leavesOf(toPlain(state), [], value => value)) {
    if (typeof leaf !== 'number' || !path.at(-1)!.endsWith('Seq')) continue;
    tried++;
    const other = fromPlain(changed(leaf + 1_000_003));
    expect(diffStates(state, other)).not.toEqual([]);
    if (diffStates(state, other, false).length > 0) compared.push(path.join('.'));
  }
  expect(tried).toBeGreaterThan(5);
  expect(compared).toEqual([]);
});

test('empty if and only if the texts are the same; the other way round it is mirrored', () => {
  for (let seed = 1; seed <= 6; seed++) {
    const random = new Prng(seed);
    const state = initialState();
    execute(state, { type: 'MachineCreate', baseline: 'LINUX_6_12_117', devices: DEVICES });
    let before = copyOf(state);
    for (let step = 0; step < 300; step++) {
      execute(state, randomCommand(random, state));
      if (step % 3 !== 0) continue;
      const differences = diffStates(before, state);
      const same = textWithoutSeq(before) === textWithoutSeq(state);
      expect(differences.length === 0, `seed ${seed}, step ${step}`).toBe(same);
      const back = diffStates(state, before).map(mirrored);
      expect(linesOf(back).sort()).toEqual(linesOf(differences).sort());
      before = copyOf(state);
    }
  }
});

/** Names by which an object stands in its map: they say which object it is, not how it is. */
const IDENTITIES = new Set(
  'contextId id type iommuGroupId deviceNo attachHandleId iopfGroupId inFlightId pagesId'.split(
    ' ',
  ),
);

/** Every value of a plain state with its path, and a function that gives the state with another. */
function* leavesOf(
  plain: Plain,
  path: readonly string[],
  rebuild: (changed: Plain) => Plain,
): Generator<{ path: readonly string[]; leaf: Plain; changed: (value: Plain) => Plain }> {
  if (plain === null || typeof plain !== 'object') {
    yield { path, leaf: plain, changed: rebuild };
    return;
  }
  for (const [name, inner] of Object.entries(plain as Readonly<Record<string, Plain>>)) {
    yield* leavesOf(inner, [...path, name], value =>
      rebuild(
        Array.isArray(plain)
          ? plain.map((item: Plain, index) => (String(index) === name ? value : item))
          : { ...(plain as object), [name]: value },
      ),
    );
  }
}

/** Other values of the same type; not each of them makes a state. */
function others(leaf: Plain): Plain[] {
  if (typeof leaf === 'number') return [leaf + 1_000_003];
  if (typeof leaf === 'boolean') return [!leaf];
  if (leaf === null) return [7];
  const text = leaf as string;
  if (!text.startsWith('0x')) return [`${text}x`];
  return [1n, -1n].map(step => `0x${(BigInt(text) + step).toString(16)}`);
}

test('whatever changes the text of a state is found: nothing is outside the inventory', () => {
  const { state } = full();
  const text = textWithoutSeq(state);
  const missed: string[] = [];
  let tried = 0;
  for (const { path, leaf, changed } of leavesOf(toPlain(state), [], value => value)) {
    if (IDENTITIES.has(path.at(-1)!)) continue;
    for (const value of others(leaf)) {
      let other: MachineState;
      try {
        other = fromPlain(changed(value));
      } catch {
        continue; // Ranges that overlap are no state.
      }
      if (textWithoutSeq(other) === text) continue;
      tried++;
      if (diffStates(state, other).length === 0) missed.push(path.join('.'));
    }
  }
  expect(tried).toBeGreaterThan(500);
  expect(missed).toEqual([]);
});

describe('the inventory', () => {
  /** Every object of a state that appears out of nothing. */
  const keys = diffStates(initialState(), full().state).flatMap(({ object, field }) =>
    field === null ? [object] : [],
  );

  test('a full state has objects of nearly every kind', () => {
    const kinds = new Set(keys.map(({ kind }) => kind));
    const absent = Object.keys(OBJECT_FIELDS).filter(kind => !kinds.has(kind as ObjectKey['kind']));
    expect(absent).toEqual(['MACHINE', 'IN_FLIGHT_REQUEST', 'IOMMU']);
  });

  test('a key finds its object, in that state only', () => {
    const { state } = full();
    for (const key of keys) {
      expect(objectAt(state, key), objectName(key)).not.toBeNull();
      expect(objectAt(initialState(), key), objectName(key)).toBeNull();
    }
    expect(objectAt(state, MACHINE_KEY)).toBe(state);
  });

  test('every key has a name of its own', () => {
    expect(new Set(keys.map(objectName)).size).toBe(keys.length);
  });
});

describe('values as they are shown', () => {
  test('64-bit values are hex, lists and maps are plain, bytes are short', () => {
    expect(shownValue(16n, 'addr')).toBe('0x10');
    expect(shownValue(undefined, 'bdf')).toBeNull();
    expect(shownValue(new Set([3, 1]), 'accessIds')).toEqual([1, 3]);
    expect(shownValue(new Set([3, 1]), 'hwptIds')).toEqual([3, 1]);
    expect(shownValue(new Map([[5, { start: 1n }]]), 'items')).toEqual({ 5: { start: '0x1' } });
    expect(shownValue(new Uint8Array([1, 255]), 'written')).toBe('01ff');
    expect(shownValue(new Uint8Array(4_096), 'written')).toMatch(/^(00){64}… \(4096 bytes\)$/);
  });

  test('a long list is cut to what the other side has not', () => {
    const long = Array.from({ length: SHOWN_ENTRIES_MAX + 1 }, (_, index) => index);
    expect(shownChange(long, [...long, 500], 'deviceNos')).toEqual({
      before: { count: 101, only: [] },
      after: { count: 102, only: [500] },
    });
    expect(shownChange(long.slice(1), long, 'deviceNos')).toEqual({
      before: long.slice(1),
      after: { count: 101, only: [0] },
    });
    expect(shownValue(new Map(long.map(id => [id, id])), 'bdfs')).toMatchObject({ count: 101 });
  });
});
