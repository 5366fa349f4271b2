/** User memory that changes: what is pinned stays, what is not is looked for. */
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../../src/core/machine/command.ts';
import { execute } from '../../../../src/core/machine/execute.ts';
import { fromPlain, toPlain } from '../../../../src/core/machine/snapshot.ts';
import type { CallingProcess } from '../../../../src/core/memory/user-process.ts';
import { stateHash } from '../../../../src/engine/past/state-hash.ts';
import { given } from '../../machine/table.ts';

const VA = 0x1000_0000n;
const GONE = 'memory gone=0x10001000-0x10001fff';
const BACK = 'memory there=0x10001000-0x10001fff';

describe.each(['open', 'open counted', 'open process=7 shares'])('in a context of: %s', open => {
  const table = (text: string) =>
    given(
      [],
      `${open}\n${text.replaceAll(/^.*\S.*$/gm, line => line.replace(/( ->|$)/, ' ctx=2$1'))}`,
    );

  test('memory that is gone is missed by the first domain, and found when it is back', () => {
    table(`
      ioas = ioasAlloc
      map ioas 0x1000000 0x4000
      ${GONE}
      mock ioas -> EFAULT *
      ${BACK}
      m = mock ioas
      map ioas 0x2000000 0x4000
      ${GONE}
      map ioas 0x3000000 0x4000 -> EFAULT
      map ioas 0x3000000 0x1000
      map ioas 0x4000000 0x1000 va=0x10002000
    `);
  });

  test('pages that are pinned are not looked at again, by whoever has them', () => {
    table(`
      ioas = ioasAlloc
      other = ioasAlloc
      map ioas 0x1000000 0x4000
      copy other 0x1000000 ioas 0x1000000 0x4000
      acc = access ioas pins
      item = pin acc 0x1001000 0x1000
      ${GONE}
      checkRefs 0x10001000 0x1000 1 -> EFAULT
      m = mock ioas
      n = mock other
      unpin acc item
      again = pin acc 0x1000000 0x4000
      destroy m
      destroy n
      m = mock other
      unpin acc again
      destroy m
      mock other -> EFAULT *
      mock ioas -> EFAULT *
    `);
  });

  test('an access copies what is there, and pins what is pinned already', () => {
    table(`
      ioas = ioasAlloc
      map ioas 0x1000000 0x4000
      acc = access ioas
      m = mock ioas
      ${GONE}
      rw acc 0x1000000 0x1000 -> 0
      rw acc 0x1000000 0x2000 -> EFAULT
      rw acc 0x1000000 0x2000 flags=4 -> 0
      rw acc 0x1001000 0x1000 flags=4 -> EFAULT
      destroy m
      rw acc 0x1000000 0x2000 flags=4 -> EFAULT
    `);
  });

  test('what may only be read is not pinned to be written', () => {
    table(`
      memory there=0x10001000-0x10001fff readOnly
      ioas = ioasAlloc
      map ioas 0x1000000 0x4000
      map ioas 0x2000000 0x4000 prot=r
      mock ioas -> EFAULT *
      unmap ioas 0x1000000 0x4000
      m = mock ioas
      acc = access ioas
      rw acc 0x2000000 0x4000 -> 0
      ${BACK}
      map ioas 0x1000000 0x4000
    `);
  });

  test('each page of larger ones is passed over where pins are compared', () => {
    table(`
      memory gone=0x10000000-0x10ffffff there=0x10200000-0x103fffff huge
      memory there=0x10100000-0x101fffff
      ioas = ioasAlloc
      m = mock ioas
      map ioas 0x1000000 0x300000 va=0x10100000
      checkRefs 0x10200000 0x200000 9 -> 0
      checkRefs 0x10100000 0x300000 1 -> 0
      checkRefs 0x101ff000 0x2000 0 -> EIO
    `);
  });

  test('memory that goes while it is pinned is told of, once for each IOAS', () => {
    const machine = table(`
      ioas = ioasAlloc
      other = ioasAlloc
      map ioas 0x1000000 0x4000
      map other 0x1000000 0x4000
      map other 0x2000000 0x1000 va=0x10008000
      m = mock ioas
      memory gone=0x10008000-0x10008fff
      memory gone=0x20000000-0x20000fff
    `);
    expect(machine.state.hazards).toEqual([]);
    machine.run(`mock other ctx=2 -> EFAULT *\n memory gone=0x10001000-0x10002fff ctx=2`);
    const owner = open.includes('shares') ? 'process 7' : 'context 2';
    expect(machine.state.hazards).toMatchObject([
      { name: 'PINNED_MEMORY_GONE', objects: [...new Set([owner, 'context 2']), 'IOAS 1'] },
    ]);
    expect(machine.state.hazards[0]!.detail).toContain('0x2000 bytes');
    machine.run('memory gone=0x10001000-0x10002fff ctx=2');
    expect(machine.state.hazards.length).toBe(1);
  });

  test('so is what may not be written to any more, if it is pinned for that', () => {
    const machine = table(`
      ioas = ioasAlloc
      read = ioasAlloc
      map ioas 0x1000000 0x4000
      map read 0x1000000 0x4000 prot=r
      m = mock ioas
      n = mock read
      memory there=0x10002000-0x10008fff readOnly
    `);
    expect(machine.state.hazards).toMatchObject([{ name: 'PINNED_MEMORY_GONE' }]);
    const { objects, detail } = machine.state.hazards[0]!;
    expect(objects.at(-1)).toBe('IOAS 1');
    expect(detail).toBe(
      '0x2000 bytes that are pinned to be written to are read-only to the process, the first at 0x10002000',
    );
    machine.run(`
      memory there=0x10002000-0x10008fff readOnly ctx=2
      memory there=0x10002000-0x10008fff ctx=2
    `);
    expect(machine.state.hazards.length).toBe(1);
  });

  test('nothing that changed is no event', () => {
    const machine = table('ioas = ioasAlloc');
    const change = { contextId: 2, removed: [], added: [] };
    const { errno, events } = execute(machine.state, { type: 'UserMemoryChange', ...change });
    expect([errno, events]).toEqual([0, []]);
  });
});

const CHILD: CallingProcess = {
  processId: 8,
  capIpcLock: false,
  capSysResource: false,
  rlimitMemlock: 0x2000n,
  userId: 1000,
};

/** A machine in which process 7 has context 2 with IOAS 1, and what others do in it. */
function family(open = 'open process=7 shares') {
  const machine = given([], `${open}\n ioas = ioasAlloc ctx=2`);
  const run = (command: Command) => {
    const outcome = execute(machine.state, command);
    return outcome.errno;
  };
  const map = (iova: bigint, length: bigint, outside: Command['outside']) =>
    run({
      type: 'IoasMap',
      contextId: 2,
      ioasId: 1,
      flags: 7,
      userVa: VA,
      length,
      iova,
      ...(outside === undefined ? {} : { outside }),
    });
  return { machine, run, map };
}

const own = (last: bigint) => [{ processId: 8, removed: [], added: [{ start: VA, last }] }];

describe('another process in a context', () => {
  test('maps its own memory, as long as there is any', () => {
    const { machine, run, map } = family();
    const outside = { process: CHILD, memory: own(VA + 0xfffn) };
    expect(map(0x100_0000n, 0x2000n, outside)).toBe(0);
    const mock = { type: 'TestMockDomain', contextId: 2, ptId: 1, devFlags: 0 } as const;
    expect(run(mock)).toBe('EFAULT');
    const grown = own(VA + 0x1fffn);
    expect(run({ ...mock, outside: { memory: grown } })).toBe(0);
    const whole = { start: 0n, last: 2n ** 64n - 1n };
    const ended = [{ processId: 8, removed: [whole], added: [] }];
    expect(run({ ...mock, outside: { memory: ended } })).toBe(0);
    expect(machine.state.hazards).toMatchObject([
      { objects: ['process 8', 'context 2', 'IOAS 1'] },
    ]);
  });

  test('pays for itself, by its own limit, whoever attaches', () => {
    for (const mode of [0n, 1n]) {
      const { machine, run, map } = family();
      run({ type: 'Destroy', contextId: 2, id: 1 });
      machine.run(`option 0 0 0 val=${mode} ctx=2\n ioas = ioasAlloc ctx=2\n m = mock ioas ctx=2`);
      const outside = { process: CHILD, memory: own(VA + 0xffffn) };
      expect(map(0x100_0000n, 0x2000n, outside)).toBe(0);
      expect(map(0x200_0000n, 0x1000n, { process: CHILD })).toBe('ENOMEM');
      expect(map(0x200_0000n, 0x1000n, undefined)).toBe(0);
      const { userLockedPages, foreignLockedPages, contexts } = machine.state;
      const by = mode === 0n ? userLockedPages.get(1000) : foreignLockedPages.get(8);
      expect(by).toBe(2n);
      expect(contexts.get(2)!.lockedPages).toBe(0n);
      machine.run('close ctx=2');
      expect(machine.state).toMatchObject({
        userLockedPages: new Map(),
        foreignLockedPages: new Map(),
      });
    }
  });

  test('asks for itself what it may do', () => {
    const { run } = family();
    run({ type: 'Destroy', contextId: 2, id: 1 });
    const option = {
      type: 'Option',
      contextId: 2,
      optionId: 0,
      op: 0,
      objectId: 0,
      val64: 1n,
    } as const;
    expect(run({ ...option, outside: { process: CHILD } })).toBe('EPERM');
    expect(run(option)).toBe(0);
  });

  test('compares the pins of its own pages', () => {
    const { run, map } = family();
    const outside = { process: CHILD, memory: own(VA + 0xfffn) };
    map(0x100_0000n, 0x1000n, outside);
    run({ type: 'TestMockDomain', contextId: 2, ptId: 1, devFlags: 0 });
    const refs = { type: 'TestMdCheckRefs', contextId: 2, userVa: VA, length: 0x1000n } as const;
    expect(run({ ...refs, refs: 1, outside: { process: CHILD } })).toBe(0);
    expect(run({ ...refs, refs: 0 })).toBe(0);
  });
});

describe('what is known of processes', () => {
  test('is kept as long as a context or a mapping needs it, or it is told of', () => {
    const { machine, run, map } = family();
    const known = () => [...machine.state.memories.keys()];
    expect(known()).toEqual([7]);
    map(0x100_0000n, 0x1000n, { process: CHILD, memory: own(VA + 0xfffn) });
    expect(known()).toEqual([7, 8]);
    machine.run('unmap 1 0x1000000 0x1000 ctx=2');
    expect(known()).toEqual([7, 8]);
    run({ type: 'ContextClose', contextId: 2, outside: { gone: [8] } });
    expect(known()).toEqual([]);
    expect(machine.state.hazards).toEqual([]);
  });

  test('goes after the operation: closing lets go of what is pinned before', () => {
    const { machine, run, map } = family();
    map(0x100_0000n, 0x1000n, { process: CHILD, memory: own(VA + 0xfffn) });
    run({ type: 'TestMockDomain', contextId: 2, ptId: 1, devFlags: 0 });
    const copy = fromPlain(toPlain(machine.state));
    run({ type: 'ContextClose', contextId: 2, outside: { gone: [8] } });
    expect(machine.state.hazards).toEqual([]);
    execute(copy, { type: 'IoasAlloc', contextId: 2, flags: 0, outside: { gone: [8] } });
    expect(copy.hazards.map(({ name }) => name)).toEqual(['PINNED_MEMORY_GONE']);
    expect(copy.memories.get(8)!.ranges.size).toBe(0);
  });

  test('a state that was written down goes on in the same way', () => {
    const { machine, map } = family();
    map(0x100_0000n, 0x1000n, { process: CHILD, memory: own(VA + 0xfffn) });
    const copy = fromPlain(toPlain(machine.state));
    for (const state of [machine.state, copy]) {
      execute(state, {
        type: 'UserMemoryChange',
        contextId: 2,
        removed: [{ start: VA, last: VA + 0x2fffn }],
        added: [{ start: VA + 0x1000n, last: VA + 0x1fffn, readOnly: true }],
      });
    }
    expect(stateHash(copy)).toBe(stateHash(machine.state));
  });

  test('parts that come and go leave no pieces behind', () => {
    const { machine } = family();
    const ranges = () => [...machine.state.memories.get(7)!.ranges];
    const before = ranges();
    machine.run(`
      ${GONE} ctx=2
      memory gone=0x10003000-0x10003fff ctx=2
      memory there=0x10003000-0x10003fff ctx=2
      memory there=0x10001000-0x10001fff readOnly ctx=2
      ${BACK} ctx=2
    `);
    expect(ranges()).toEqual(before);
  });
});
