/** Exports: what was taken away comes back as it was; whatever was changed is refused and named. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EXPORT_BYTES_MAX,
  EXPORT_LINE_BYTES_MAX,
  EXPORT_OPERATIONS_MAX,
} from '../../src/abi/limits.ts';
import type { Command } from '../../src/core/machine/command.ts';
import { initialState, type MachineState } from '../../src/core/machine/state.ts';
import { exportLines } from '../../src/engine/export/export.ts';
import { finalHash } from '../../src/engine/export/final-hash.ts';
import { checkExport, importExport } from '../../src/engine/export/import.ts';
import {
  ExportLimitError,
  MachineExistsError,
  UnknownMachineError,
} from '../../src/engine/machine/errors.ts';
import { type Difference, ReExecution } from '../../src/engine/machine/re-execute.ts';
import { encode } from '../../src/log/codec.ts';
import { ExportReader, ExportWriter } from '../../src/log/export/export-format.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { EVENT_VERSIONS, type StoredEvent, type Upcasting } from '../../src/log/upcast.ts';
import { CREATE, temporaryFile, watched } from '../engine/machine/fixtures.ts';
import { outcome } from '../log/arbitraries.ts';
import {
  AT_MS,
  engineOn,
  exportOf,
  FAULTS,
  fileOf,
  logOf,
  refusal,
  rehashed,
  SMALL,
} from './fixtures.ts';

const linesOf = (text: string) => text.trimEnd().split('\n');
const refusedText = (text: string | Uint8Array) => refusal(() => checkExport(fileOf(text)));

describe('an export', () => {
  test('comes back as the machine it was, with the same hash, on SQLite too', async () => {
    const log = await logOf(FAULTS, CREATE);
    const text = await exportOf(log);
    const file = fileOf(text);
    for (const other of [
      openMemoryLog(),
      await openSqliteLog({ file: temporaryFile(), durability: 'normal' }),
    ]) {
      await importExport(other, file, checkExport(file), 'm');
      expect(await other.head('m')).toEqual(await log.head('m'));
      expect(await exportOf(other)).toBe(text);
      const operations = await log.read('m', { limit: 100 });
      expect(await other.read('m', { limit: 100, verify: true })).toEqual(operations);
      await other.close();
    }
  });

  test('comes back under another name, and goes on', async () => {
    const log = await logOf(FAULTS, CREATE);
    const file = fileOf(await exportOf(log));
    await importExport(log, file, checkExport(file), 'again');
    expect(await log.verify('again')).toBeNull();
    const { errno, number } = await engineOn(log).execute('again', { type: 'ContextOpen' });
    expect({ errno, number }).toEqual({ errno: 0, number: FAULTS.length + 2 });
  });

  test('has a line an operation, in order, and says what it holds', async () => {
    const log = await logOf(SMALL);
    const lines = linesOf(await exportOf(log)).map(line => JSON.parse(line));
    const { number: operations, seq } = (await log.head('m'))!;
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    const header = { faultline: 'export', format: 1, machineId: 'm', operations, seq, hash };
    expect(lines[0]).toEqual(header);
    expect(lines.at(-1)).toEqual({ end: true, operations, seq, finalHash: hash, hash });
    const numbers = lines.slice(1, -1).map(({ number, type, errno }) => [number, type, errno]);
    expect(numbers).toEqual([
      [1, 'MachineCreate', '0'],
      [2, 'ContextOpen', '0'],
      [3, 'IoasAlloc', '0'],
      [4, 'Destroy', 'ENOENT'],
    ]);
  });

  test('of a log that grows meanwhile ends where it began', async () => {
    const log = await logOf(SMALL);
    const whole = await exportOf(log);
    let text = '';
    for await (const line of exportLines(log, 'm')) {
      if (text === '') await engineOn(log).execute('m', { type: 'ContextOpen' });
      text += line;
    }
    expect(text).toBe(whole);
  });

  test('of a machine that is not there, or is deleted meanwhile, is an error', async () => {
    const log = await logOf(SMALL);
    await expect(exportOf(log, 'nobody')).rejects.toThrow(UnknownMachineError);
    const lines = exportLines(log, 'm');
    await lines.next();
    await log.deleteMachine('m');
    await expect(lines.next()).rejects.toThrow(UnknownMachineError);
  });
});

test('a log too long for an export is not begun', async () => {
  const log = watched(await logOf(SMALL));
  const head = (await log.head('m'))!;
  log.head = async () => ({ ...head, number: EXPORT_OPERATIONS_MAX + 1 });
  await expect(exportOf(log)).rejects.toThrow(ExportLimitError);
});

test('whatever a row holds is read back as it was written', () => {
  fc.assert(
    fc.property(outcome, made => {
      const seq = made.events.length;
      const operation = { ...made, number: 1, seqBefore: 0, seq, atMs: AT_MS };
      const { machineId, hash: _, ...stored } = encode('m', operation, '');
      const [writer, reader] = [new ExportWriter(), new ExportReader()];
      const header = { machineId, operations: 1, seq };
      const end = { operations: 1, seq, finalHash: '0'.repeat(64) };
      expect(reader.header(writer.header(header).slice(0, -1))).toEqual(header);
      expect(reader.operation(writer.operation(stored).slice(0, -1))).toEqual(stored);
      expect(reader.end(writer.end(end).slice(0, -1), header)).toEqual(end);
    }),
  );
});

describe('an export that was changed is refused:', () => {
  test('any one byte of it, changed, left out or added', async () => {
    const whole = Buffer.from(await exportOf(await logOf(SMALL.slice(0, 1))));
    const file = fileOf(whole);
    expect(checkExport(file).operations).toBe(2);
    const accepted: string[] = [];
    const tryOut = (what: string, bytes: Buffer) => {
      writeFileSync(file, bytes);
      try {
        checkExport(file);
        accepted.push(what);
      } catch (error) {
        expect((error as Error).message).toMatch(/^line \d+: .+; wanted .+$/s);
      }
    };
    for (let at = 0; at <= whole.length; at++) {
      const [before, after] = [whole.subarray(0, at), whole.subarray(at + 1)];
      for (const byte of [0x0a, 0x20]) {
        const added = [before, Buffer.of(byte), whole.subarray(at)];
        tryOut(`byte ${byte} added at ${at}`, Buffer.concat(added));
      }
      if (at === whole.length) break;
      tryOut(`byte ${at} left out`, Buffer.concat([before, after]));
      for (const bit of [0, 5]) {
        const changed = Buffer.of(whole[at]! ^ (1 << bit));
        tryOut(`bit ${bit} of byte ${at} changed`, Buffer.concat([before, changed, after]));
      }
    }
    expect(accepted).toEqual([]);
  });

  test('cut off after any byte', async () => {
    const whole = Buffer.from(await exportOf(await logOf(SMALL)));
    const file = fileOf('');
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      const { fault, line } = refusal(() => checkExport(file));
      const breaks = whole.subarray(0, length).toString().split('\n').length;
      expect({ length, fault, line }).toEqual({ length, fault: 'SIZE', line: breaks });
    }
  });

  test('two lines moved, one left out, one twice', async () => {
    const lines = linesOf(await exportOf(await logOf(SMALL)));
    const text = (changed: readonly string[]) => changed.map(line => `${line}\n`).join('');
    for (let at = 1; at < lines.length - 2; at++) {
      const moved = lines.with(at, lines[at + 1]!).with(at + 1, lines[at]!);
      expect(refusedText(text(moved))).toMatchObject({ fault: 'ORDER', line: at + 1 });
      const twice = lines.toSpliced(at, 0, lines[at]!);
      expect(refusedText(text(twice))).toMatchObject({ fault: 'ORDER', line: at + 2 });
      const without = refusedText(text(lines.toSpliced(at, 1)));
      expect(without.line).toBe(at + 1);
    }
    expect(refusedText(text([...lines, lines.at(-1)!]))).toMatchObject({ fault: 'SIZE' });
    expect(refusedText(text(lines.slice(1))).message).toBe(
      'line 1: this is no export; wanted a file made by "faultline export"',
    );
  });

  test('a line of another export of the same machine', async () => {
    const [one, other] = await Promise.all(
      [0x1000n, 0x2000n].map(async addr => {
        const request: Command = {
          type: 'PageRequestSend',
          ...{ bdf: '0000:01:00.0', pasid: null, grpid: 1, perm: 1, addr, lastPage: true },
        };
        return linesOf(await exportOf(await logOf([request, ...SMALL], CREATE)));
      }),
    );
    const mixed = one!.with(2, other![2]!).map(line => `${line}\n`);
    // It goes on from the same line as its twin; the next one does not go on from it.
    expect(refusedText(mixed.join(''))).toMatchObject({ fault: 'HASH', line: 4 });
  });
});

/** An export of SMALL with one line edited as text, and every hash made right again. */
async function forged(line: number, from: string | RegExp, to: string): Promise<string> {
  const lines = linesOf(await exportOf(await logOf(SMALL)));
  const edited = lines[line - 1]!.replace(from, to);
  expect(edited).not.toBe(lines[line - 1]);
  return rehashed(lines.with(line - 1, edited));
}

describe('an export whose hashes are right is refused, and the line named, for', () => {
  const FORGERIES: readonly (readonly [number, string | RegExp, string, string, RegExp])[] = [
    [1, '"export"', '"dump"', 'FORMAT', /this is no export/],
    [1, '"format":1', '"format":2', 'VERSION', /its format is 2; wanted format 1/],
    [1, '"machineId":"m"', '"machineId":"a b"', 'FORMAT', /no machine's id; wanted 1 to 64/],
    [1, '"machineId":"m"', `"machineId":"${'m'.repeat(65)}"`, 'FORMAT', /no machine's id/],
    [1, '"operations":4', '"operations":0', 'FORMAT', /"operations" .* whole number from 1 on/],
    [1, '"operations":4', '"operations":100000001', 'LIMIT', /100000001.*at most 100000000/],
    [1, '"operations":4', '"operations":3', 'SIZE', /not the last line, and 3 operations/],
    [1, '"operations":4', '"operations":5', 'FORMAT', /"number"/],
    [1, /"seq":\d/, '"seq":8', 'ORDER', /"seq" is \d after seq \d; wanted 8/],
    [1, /"seq":(\d)/, '"more":0,"seq":$1', 'FORMAT', /in their order, no spaces/],
    [2, '"type":"MachineCreate"', '"type":"ContextOpen"', 'FORMAT', /"body".*"ContextOpen"/],
    [2, /MachineCreate"/g, 'ContextOpen"', 'ORDER', /first operation is ContextOpen/],
    [4, /IoasAlloc"/g, 'IoasFree"', 'VERSION', /operation IoasFree: this type is unknown; wanted/],
    [4, /IoasAlloc"/g, 'constructor"', 'VERSION', /operation constructor: this type is unknown/],
    [3, '"number":2', '"number":3', 'ORDER', /this is operation 3; wanted operation 2/],
    [3, '"seqBefore":1', '"seqBefore":0', 'ORDER', /begins at seq 0; wanted seq 1/],
    [3, '"seq":2', '"seq":3', 'ORDER', /from seq 1 to 3 with 1 events; wanted seq 2/],
    [3, '"atMs":', '"atMs":-', 'FORMAT', /"atMs"/],
    [3, '"atMs":1', '"atMs": 1', 'FORMAT', /no spaces/],
    [3, '"errno":"0"', '"errno":"EWHAT"', 'FORMAT', /"errno".*name of an errno/],
    [3, /"v":3/, '"v":4', 'VERSION', /ContextOpened: written by a newer version.*v3 is known/],
    [3, '"type":"ContextOpened"', '"type":"New"', 'VERSION', /event New: this type is unknown/],
    [3, /"v":3/, '"v":0', 'FORMAT', /"events"/],
    [3, /"events":\[.*\],"body"/, '"events":{},"body"', 'FORMAT', /"events"/],
    [3, '"trace":[', '"trace":[0,', 'FORMAT', /"body"/],
    [3, '{"number":2,', '{"number":2,"number":2,', 'FORMAT', /in their order/],
    [4, /(Allocated","contextId":)1/, '$19', 'STATE', /event IoasAllocated, seq 3, cannot be/],
    [2, /,"policies":\{[^}]*\},"v"/, ',"v"', 'STATE', /lead to a state that is none \(.*undefined/],
    [6, /"finalHash":"./, '"finalHash":"x', 'FORMAT', /"finalHash".*64 hex digits/],
    [6, /"finalHash":"[0-9a-f]{4}/, '"finalHash":"0000', 'STATE', /lead to [0-9a-f]{64} in this/],
    [6, '"operations":4', '"operations":3', 'ORDER', /"operations" is 3 after 4/],
    [6, '"end":true', '"end":false', 'SIZE', /not the last line/],
  ];
  test.each(FORGERIES)('line %i, %s as %s', async (line, from, to, fault, said) => {
    const error = refusedText(await forged(line, from, to));
    expect(error.message).toMatch(said);
    expect(error.fault).toBe(fault);
    expect(error.message).toMatch(/^line \d+: .*; wanted ./);
  });

  test('carriage returns, a byte order mark, bytes that are no UTF-8', async () => {
    const text = await exportOf(await logOf(SMALL));
    expect(refusedText(text.replaceAll('\n', '\r\n')).message).toMatch(/line 1: .*carriage return/);
    expect(refusedText(`\ufeff${text}`).message).toMatch(/line 1: this is no JSON object/);
    const bytes = Buffer.from(text);
    bytes[3] = 0xc3;
    expect(refusedText(bytes).message).toMatch(/line 1: its bytes are not UTF-8/);
  });

  test('a line without an end, and a file that is too large', () => {
    const file = fileOf('');
    truncateSync(file, EXPORT_LINE_BYTES_MAX + 1);
    expect(refusal(() => checkExport(file))).toMatchObject({ fault: 'LIMIT', line: 1 });
    truncateSync(file, EXPORT_BYTES_MAX + 1);
    const { fault, message } = refusal(() => checkExport(file));
    expect(fault).toBe('LIMIT');
    expect(message).toContain(
      `has ${EXPORT_BYTES_MAX + 1} bytes; wanted at most ${EXPORT_BYTES_MAX}`,
    );
  });

  test('what is no file', () => {
    expect(refusal(() => checkExport('/dev/null')).message).toMatch(/not a regular file/);
    expect(() => checkExport('/nowhere/x')).toThrow(/ENOENT/);
  });
});

describe('an export of an older version', () => {
  const versions = { ...EVENT_VERSIONS, ContextOpened: 4 };
  const check = async (upcasting: Upcasting) => {
    const text = await exportOf(await logOf(SMALL));
    return { text, run: () => checkExport(fileOf(text), () => {}, upcasting) };
  };

  test('replays through upcasters to the same final hash', async () => {
    const lift = (event: StoredEvent) => ({ ...event, v: 4 });
    const { text, run } = await check({ versions, upcasters: { 'ContextOpened@3': lift } });
    expect(run().finalHash).toBe(JSON.parse(linesOf(text).at(-1)!).finalHash);
  });

  test('is refused with the reason if it leads elsewhere, or nowhere', async () => {
    const other = (event: StoredEvent) => ({ ...event, contextId: 2, v: 4 });
    const elsewhere = await check({ versions, upcasters: { 'ContextOpened@3': other } });
    expect(refusal(elsewhere.run).fault).toBe('STATE');
    const nowhere = await check({ versions, upcasters: {} });
    expect(refusal(nowhere.run).message).toMatch(
      /^line 3: event ContextOpened: no upcaster leads from it to v4; wanted/,
    );
  });

  test('has the same final hash where a state remembers more that is not used', async () => {
    const hashWith = (fields: object) => {
      const state = initialState();
      return finalHash({ ...state, policies: { ...state.policies, ...fields } } as MachineState);
    };
    const unused = { map: new Map(), count: null, on: false, list: [], deep: { of: new Set() } };
    expect(hashWith(unused)).toBe(hashWith({}));
    const used = [{ map: new Map([[1, 1]]) }, { on: true }, { count: 0 }, { list: [0] }];
    const hashes = used.map(fields => hashWith({ ...unused, ...fields }));
    expect(new Set([hashWith({}), ...hashes]).size).toBe(used.length + 1);
    expect(finalHash({ ...initialState(), nextBindNo: 2 })).not.toBe(finalHash(initialState()));
  });
});

describe('a log that is run again', () => {
  /** What differs first, in a list. */
  const again = (text: string): Difference[] => {
    const execution = new ReExecution();
    const found: Difference[] = [];
    try {
      checkExport(fileOf(text), operation => {
        const difference = found.length > 0 ? null : execution.run(operation);
        if (difference !== null) found.push(difference);
      });
    } catch (error) {
      // Another event leads to another state than the one named at the end.
      if (found.length === 0) throw error;
    }
    return found;
  };

  test('does what was recorded', async () => {
    expect(again(await exportOf(await logOf(FAULTS, CREATE)))).toEqual([]);
  });

  const CHANGES: readonly (readonly [number, string, string, object])[] = [
    [5, '"ENOENT"', '"EINVAL"', { number: 4, seq: 3, field: 'errno', now: '"ENOENT"' }],
    [4, 'IoasId":1}', 'IoasId":2}', { number: 3, seq: 2, field: 'reply', now: '{"outIoasId":1}' }],
    [3, '"userId":0', '"userId":1', { number: 2, seq: 2, field: 'event 1' }],
    [4, '"flags":0', '"flags":1', { number: 3, seq: 2, field: 'errno', now: '"EOPNOTSUPP"' }],
  ];
  test.each(CHANGES)('line %i with %s as %s differs there', async (line, from, to, wanted) => {
    const lines = linesOf(await exportOf(await logOf(SMALL)));
    const edited = lines.with(line - 1, lines[line - 1]!.replace(from, to));
    expect(edited).not.toEqual(lines);
    expect(again(rehashed(edited))).toEqual([expect.objectContaining(wanted)]);
  });
});

describe('an import that fails leaves no trace:', () => {
  test('a machine of that name is there', async () => {
    const log = await logOf(SMALL);
    const file = fileOf(await exportOf(log));
    const before = await log.head('m');
    await expect(importExport(log, file, checkExport(file), 'm')).rejects.toThrow(
      MachineExistsError,
    );
    expect(await log.head('m')).toEqual(before);
  });

  test.each(['memory', 'SQLite'])('the file is another when it is written, %s', async kind => {
    const file = fileOf(await exportOf(await logOf(FAULTS, CREATE)));
    const log =
      kind === 'memory'
        ? openMemoryLog()
        : await openSqliteLog({ file: temporaryFile(), durability: 'normal' });
    const checked = checkExport(file);
    const whole = readFileSync(file);
    const changed = [
      whole.subarray(0, whole.length - 10),
      Buffer.from(await exportOf(await logOf(SMALL))),
    ];
    for (const bytes of changed) {
      writeFileSync(file, bytes);
      await expect(importExport(log, file, checked, 'm')).rejects.toThrow(/^line/);
      expect(await log.machines({ after: null, limit: 9 })).toEqual([]);
    }
    writeFileSync(file, whole);
    await importExport(log, file, checked, 'm');
    expect(await log.verify('m')).toBeNull();
    await log.close();
  });
});
