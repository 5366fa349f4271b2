/** A state as plain data and back. */
import { describe, expect, test } from 'vitest';
import { IdAllocator } from '../../../src/core/collections/collections.ts';
import {
  canonicalText,
  fromPlain,
  type Plain,
  SNAPSHOT_VERSION,
  toPlain,
} from '../../../src/core/machine/snapshot.ts';
import { initialState, type MachineState } from '../../../src/core/machine/state.ts';
import { stateHash } from '../../../src/engine/past/state-hash.ts';
import { DEVICES } from '../../../src/sim/machine.ts';
import { full } from '../explain/full-state.ts';
import { PCI_FAULTING } from './setups.ts';
import { given, type Machine } from './table.ts';
import { commandOf } from './table-command.ts';

const restored = (state: MachineState) =>
  fromPlain(JSON.parse(JSON.stringify(toPlain(state))) as Plain);

describe('snapshot', () => {
  test('a restored state is the state', () => {
    for (const state of [initialState(), full().state]) {
      expect(toPlain(restored(state))).toEqual(toPlain(state));
      expect(JSON.stringify(toPlain(restored(state)))).toBe(JSON.stringify(toPlain(state)));
    }
  });

  test('it shares nothing with the state it came from', () => {
    const machine = full();
    const before = JSON.stringify(toPlain(machine.state));
    const fork = machine.fork();
    fork.run('write q to=2:1\n ioasAlloc\n unbind b\n send 0000:01:00.0');
    expect(JSON.stringify(toPlain(machine.state))).toBe(before);
    expect(JSON.stringify(toPlain(fork.state))).not.toBe(before);
  });

  test('it goes on as the state does: same answers, same events to the byte, same state', () => {
    const machine = full();
    const fork = machine.fork();
    const text = (value: unknown) =>
      JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}` : item));
    const lines = [
      'ioasAlloc',
      'faultQueueAlloc',
      'read q 40',
      'write q to=1:1,2:0',
      'bind 0000:02:00.0',
      'attach a fault',
      'replace b fault2',
      'send 0000:02:00.0 grpid=4',
      'read q2 80',
      'mock ioas flags=256',
      'detach b',
      'dirty dirty 0x1000000 0x800 ctx=3',
      'track dirty ctx=3',
      'rw acc 0x1000fe0 0x40 ctx=3',
      'copy i 0 i 0x1003000 0x2000 auto ctx=3',
      'ranges i ctx=3',
      'map i 0 0xe000 auto ctx=3',
      'moveAccess acc2 bare ctx=3',
      'closeAccess acc ctx=3',
      'mock bare ctx=4',
      'unmap i 0 MAX ctx=3',
      'closeFault q',
      'destroy fault',
      'close',
    ];
    for (const line of lines) {
      for (const each of [machine, fork]) each.execute(commandOf(line, each.names));
      expect(text(fork.last)).toBe(text(machine.last));
      expect(JSON.stringify(toPlain(fork.state))).toBe(JSON.stringify(toPlain(machine.state)));
    }
  });

  test('a state that is written otherwise, or comes out otherwise, is another version', () => {
    // Snapshots of other versions are not read: with a new hash here comes a new SNAPSHOT_VERSION.
    const { state } = full();
    expect([SNAPSHOT_VERSION, stateHash(state)]).toEqual([
      5,
      'ec564203e800fab499d3575c1fbbc1f8b55f4a1ad1c4ce694c2f462a5864dc39',
    ]);
  });

  test('it is plain: only JSON, 64-bit values as hex', () => {
    const plain = toPlain(full().state);
    expect(JSON.parse(JSON.stringify(plain))).toEqual(plain);
    expect(JSON.stringify(plain)).toContain('"swMsiStart":"0x8000000"');
    expect(JSON.stringify(plain)).toContain('"addr":"0x1000"');
    expect(JSON.stringify(plain)).toContain('"userLockedPages":{"$map":[[1000,"0x5"]]}');
    expect(JSON.stringify(plain)).toContain('"rlimitMemlock":"0x10000"');
  });

  test('freed numbers at the end are as if never given', () => {
    const used = initialState();
    for (const id of [0, 1, 2]) used.mockDevIds.take(id);
    for (const id of [1, 0, 2]) used.mockDevIds.release(id);
    expect(used.mockDevIds).not.toEqual(new IdAllocator(0));
    expect(toPlain(used)).toEqual(toPlain(initialState()));
    expect(restored(used).mockDevIds.peek()).toBe(0);
  });

  test('the text does not depend on the way the state came about', () => {
    const straight = given(DEVICES, 'ioasAlloc\n ioasAlloc\n ioasAlloc');
    const around = given(DEVICES, 'ioasAlloc\n ioasAlloc\n ioasAlloc');
    around.run('destroy 3\n destroy 1\n ioasAlloc\n ioasAlloc');
    around.state.seq = straight.state.seq;
    expect(canonicalText(around.state)).toBe(canonicalText(straight.state));
    expect(stateHash(around.state)).toBe(stateHash(straight.state));
  });

  test('what was unmapped, unpinned or written with zeros leaves no trace but counters', () => {
    const table = `
      open lock=16
      i = ioasAlloc ctx=2
      map i 0x1000 0x4000 ctx=2
      m = access i pins ctx=2
    `;
    const straight = given([], table);
    const around = given([], table).run(`
      pin m 0x1000 0x3000 ctx=2
      pin m 0x2000 0x3000 ctx=2
      rw m 0x1000 0x1000 write fill=0 ctx=2
      map i 0x8000 0x1000 ctx=2
      unpin m 0 ctx=2
      unpin m 1 ctx=2
      unmap i 0x8000 0x1000 ctx=2
    `);
    const text = (machine: Machine) =>
      canonicalText(machine.state).replace(/"(seq|nextPagesId|nextItemId)":\d+/g, '');
    expect(text(around)).toBe(text(straight));
  });

  test('the order in which automatic hwpts were made is kept', () => {
    const text = (table: string) =>
      given(DEVICES, `dev = bind 0000:01:00.0\n ioas = ioasAlloc\n ${table}`);
    const kept = text('attach dev ioas\n m = mock ioas');
    const ioas = restored(kept.state).contexts.get(1)!.objects.get(2)!;
    expect(ioas).toMatchObject({ type: 'IOAS' });
    expect(ioas).toEqual(kept.state.contexts.get(1)!.objects.get(2));
  });

  test('one flipped field gives another hash', () => {
    const machine = given(DEVICES, PCI_FAULTING);
    const before = stateHash(machine.state);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    machine.state.physicalDevices.get(1)!.iopfFeature = false;
    expect(stateHash(machine.state)).not.toBe(before);
  });
});
