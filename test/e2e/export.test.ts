/** `faultline export`, `import`, `replay` and `verify` on files and beside a server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openSqliteLog } from '../../src/log/sqlite/sqlite.ts';
import { CREATE, runAll } from '../engine/machine/fixtures.ts';
import { engineOn, exportOf, FAULTS, fileOf, logOf, rehashed, SMALL } from '../export/fixtures.ts';
import { run, serve, temporaryDirectory } from './process.ts';

const place = () => {
  const directory = temporaryDirectory();
  return (name: string) => join(directory, name);
};
const failed = (stderr: string) => ({ code: 1, signal: null, stdout: '', stderr });

/** A database with the machine `m`, closed. */
async function database(file: string): Promise<void> {
  const log = await openSqliteLog({ file, durability: 'normal' });
  const engine = engineOn(log);
  await engine.create('m', CREATE);
  await runAll(engine, 'm', FAULTS);
  await log.close();
}

async function machines(file: string): Promise<string[]> {
  const log = await openSqliteLog({ file, durability: 'normal' });
  const heads = await log.machines({ after: null, limit: 9 });
  await log.close();
  return heads.map(({ machineId }) => machineId);
}

test('a log is taken away beside a server, replayed, and taken in elsewhere', async () => {
  const at = place();
  const [from, to, file] = [at('a.sqlite'), at('b.sqlite'), at('default.jsonl')];
  await database(from);
  const server = await serve(from);
  const exported = await run('export', '--database', from, '--machine', 'm', '--output', file);
  const verified = await run('verify', '--database', from, '--machine', 'm');
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  const refused = await run('import', file, '--database', from, '--as', 'other');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^faultline import: .*another Faultline server has it open/);
  await server.kill('SIGTERM');

  const { operations, seq } = JSON.parse(readFileSync(file, 'utf8').split('\n')[0]!);
  const { finalHash } = JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)!);
  const said = `machine m: ${operations} operations, ${seq} events\nfinal hash ${finalHash}\n`;
  // Of all that print a hash, the final one compares; it stays out of what is piped on.
  expect(exported).toMatchObject({ code: 0, stdout: said, stderr: '' });
  const piped = await run('export', 'm', '--database', from);
  expect(piped).toMatchObject({ code: 0, stdout: readFileSync(file, 'utf8'), stderr: said });
  expect(verified.stdout).toContain(`final hash ${finalHash}`);
  expect(await run('replay', '--check', file)).toMatchObject({ code: 0, stdout: said });
  expect(await run('import', file, '--database', to)).toMatchObject({
    code: 0,
    stdout: `machine m: ${operations} operations, seq ${seq}\nfinal hash ${finalHash}\n`,
  });
  expect((await run('verify', '--database', to)).stdout).toBe(verified.stdout);
  expect(await run('import', file, '--database', to)).toEqual(
    failed(
      expect.stringMatching(
        /^faultline import: ".*" has a machine "m" already; give another name with --as\n$/,
      ),
    ),
  );
});

test('an export that is no good is refused, and no database is made', async () => {
  const at = place();
  const text = await exportOf(await logOf(SMALL));
  const file = fileOf(text.replace('"ENOENT"', '"EINVAL"'));
  for (const argv of [
    ['import', file, '--database', at('new.sqlite')],
    ['replay', file],
  ]) {
    const { code, stderr } = await run(...argv);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^faultline \w+: line 5: its hash does not match.*; wanted the lines as/,
    );
  }
  expect(existsSync(at('new.sqlite'))).toBe(false);
});

test('an import that is killed in the middle leaves no machine, and can be done again', async () => {
  const at = place();
  const to = at('b.sqlite');
  const file = fileOf(await exportOf(await logOf(FAULTS, CREATE)));
  const script = new URL('killed-import.ts', import.meta.url).pathname;
  const killed = spawn(process.execPath, [script, to, file, `${FAULTS.length}`]);
  expect(await once(killed, 'close')).toEqual([null, 'SIGKILL']);
  expect(await machines(to)).toEqual([]);
  expect((await run('import', file, '--database', to)).code).toBe(0);
  expect(await machines(to)).toEqual(['m']);
});

test('verify names the machine, the operation and the seq of the first damage', async () => {
  const at = place();
  const file = at('a.sqlite');
  await database(file);
  const broken = new SqliteDatabase(file);
  const changed = broken.prepare(`UPDATE operations SET at_ms = at_ms + 1 WHERE number = ?`);
  expect(changed.run(4).changes).toBe(1);
  broken.close();
  const before = readFileSync(file);
  const { code, stdout, stderr } = await run('verify', '--database', file);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(/^machine m: damaged at operation 4, seq \d+: its hash does not match/);
  expect(readFileSync(file)).toEqual(before);
  const refused = await run('export', '--database', file, '--machine', 'm', '--output', at('x'));
  expect(refused.stderr).toMatch(/^faultline export: machine m, operation 4: its hash/);
  const over = await run('export', '--database', file, '--machine', 'm', '--output', file);
  expect(over.code).toBe(2);
  expect(readdirSync(join(file, '..'))).toEqual(['a.sqlite']);
});

test('verify goes on after a machine whose first operation is missing', async () => {
  const at = place();
  const file = at('a.sqlite');
  await database(file);
  const copy = fileOf(await exportOf(await logOf(SMALL)));
  expect((await run('import', copy, '--database', file, '--as', 'z')).code).toBe(0);
  const broken = new SqliteDatabase(file);
  broken.exec(`DELETE FROM operations WHERE machine_id = 'm' AND number = 1`);
  broken.close();
  const { code, stdout } = await run('verify', '--database', file);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^machine m: damaged at operation 1, seq 0: .*missing\nmachine z: 4 oper/);
});

test('a database that is not there, or none, is an error, and is not made', async () => {
  const at = place();
  const file = at('missing.sqlite');
  const wanted = 'Name the database of a Faultline server';
  const missing = `${file} was refused and not touched: it is missing or empty. ${wanted}\n`;
  expect(await run('verify', '--database', file)).toEqual(failed(`faultline verify: ${missing}`));
  const exported = await run('export', '--database', file, '--machine', 'm');
  expect(exported).toEqual(failed(`faultline export: ${missing}`));
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, 'x'.repeat(5_000));
  expect((await run('verify', '--database', file)).stderr).toContain('not an SQLite database');
});

test('a file that cannot be made is named with its flag', async () => {
  const at = place();
  await database(at('a.sqlite'));
  for (const [output, code] of [
    [at('no-directory/x'), 'ENOENT'],
    [at('.'), 'EISDIR'],
  ] as const) {
    const argv = ['--database', at('a.sqlite'), '--machine', 'm', '--output', output];
    const { code: exit, stdout, stderr } = await run('export', ...argv);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toBe(
      `faultline export: --output: "${output}" cannot be made (${code}); name a file in a directory that is there and can be written; see --help\n`,
    );
  }
  expect(readdirSync(at('.'))).toEqual(['a.sqlite']);
});

test('an export that is not there is named', async () => {
  const at = place();
  for (const argv of [['import', '--database', at('a.sqlite')], ['replay']]) {
    const { code, stdout, stderr } = await run(...argv, at('nothere'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      `faultline ${argv[0]}: FILE: "${at('nothere')}" cannot be read (ENOENT); name a file that faultline export made; see --help\n`,
    );
  }
  expect(readdirSync(at('.'))).toEqual([]);
});

test('a machine that is not there is named, with those that are', async () => {
  const at = place();
  await database(at('a.sqlite'));
  const said = 'there is no machine "nobody"; there are: m\n';
  for (const command of ['export', 'verify']) {
    const found = await run(command, '--database', at('a.sqlite'), '--machine', 'nobody');
    expect(found).toEqual(failed(`faultline ${command}: ${said}`));
  }
});

test('replay --check prints the first difference and ends with 1', async () => {
  const lines = (await exportOf(await logOf(SMALL))).trimEnd().split('\n');
  const file = fileOf(rehashed(lines.with(4, lines[4]!.replace('"ENOENT"', '"EINVAL"'))));
  expect((await run('replay', file)).code).toBe(0);
  expect(await run('replay', '--check', file)).toMatchObject({
    code: 1,
    stdout: `${file}: line 5, operation 4, seq 3, errno:\n  recorded "EINVAL"\n  now      "ENOENT"\n`,
    stderr: '',
  });
});

test('traces are written as bytes and as text', async () => {
  const at = place();
  await database(at('a.sqlite'));
  const argv = ['export', '--database', at('a.sqlite'), '--machine', 'm', '--format'];
  const [chrome, ftrace] = await Promise.all([run(...argv, 'chrome'), run(...argv, 'ftrace')]);
  expect(JSON.parse(chrome.stdout).traceEvents.length).toBeGreaterThan(20);
  expect(ftrace.stdout).toMatch(/^# tracer: nop\n/);
  const perfetto = await run(...argv, 'perfetto', '--output', at('m.pftrace'));
  expect(perfetto).toMatchObject({ code: 0, stdout: '' });
  // The first packet: field 1, the machine's descriptor.
  expect(readFileSync(at('m.pftrace'))[0]).toBe(0x0a);
});

test('verify and replay print the final hash that compares, in words and as JSON', async () => {
  const directory = temporaryDirectory();
  const database = join(directory, 'm.sqlite');
  const server = await serve(database);
  await server.kill('SIGTERM');
  const file = join(directory, 'm.jsonl');
  await run('export', '--database', database, '--machine', 'default', '--output', file);
  const replayed = JSON.parse((await run('replay', '--json', file)).stdout) as Json;
  const verified = JSON.parse(
    (await run('verify', '--json', '--database', database)).stdout,
  ) as Json;
  expect(replayed).toMatchObject({ machineId: 'default', difference: null });
  expect(verified).toMatchObject({ machineId: 'default', damaged: false });
  expect(verified['finalHash']).toBe(replayed['finalHash']);
  expect(verified['chainHash']).not.toBe(replayed['finalHash']);
  const copy = join(directory, 'copy.sqlite');
  const argv = ['import', file, '--database', copy, '--as', 'copy', '--json'];
  const imported = JSON.parse((await run(...argv)).stdout) as Json;
  expect(imported).toMatchObject({ machineId: 'copy', finalHash: replayed['finalHash'] });
  const { stdout } = await run('verify', '--database', copy);
  expect(stdout).toContain(`  final hash ${replayed['finalHash']}`);
});

type Json = Readonly<Record<string, unknown>>;
