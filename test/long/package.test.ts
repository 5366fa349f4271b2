/** The package as somebody gets it: packed, installed in an empty folder, each entry used. */
import { execFile, spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFaulting, sendGroups, succeed } from '../graphql/builder/testing.ts';
import { CAN_RUN } from '../ioctl/running.ts';

const ROOT = join(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const EXAMPLES = join(ROOT, 'examples');
const run = promisify(execFile);

let folder: string;

/** A command in the folder of the user, without what this project's npm put into its environment. */
async function inFolder(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(command, args, { cwd: folder, env: userEnvironment() });
  return stdout;
}

function userEnvironment(): NodeJS.ProcessEnv {
  const own = (name: string) => !/^npm_/i.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => own(name)));
}

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-package-'));
  await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
  const [tarball] = readdirSync(folder);
  write('package.json', '{ "name": "user", "private": true, "type": "module" }');
  await inFolder('npm', 'i', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('it holds JavaScript, types and source maps, and no tests and traces', () => {
  const installed = join(folder, 'node_modules/faultline');
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const sources = files.filter(path => path.endsWith('.ts') && !path.endsWith('.d.ts'));
  const examples = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' });
  const shown = examples.filter(path => path.endsWith('.ts')).map(path => `examples/${path}`);
  expect(sources.sort()).toEqual(shown.sort());
  expect(files.filter(path => /(^|\/)(test|traces|bench)(\/|$)/.test(path))).toEqual([]);
  const map = JSON.parse(readFileSync(join(installed, 'dist/src/index.js.map'), 'utf8')) as {
    sourcesContent: string[];
  };
  expect(map.sourcesContent).toEqual([readFileSync(join(ROOT, 'src/index.ts'), 'utf8')]);
});

test('npx faultline serve, and a file that another command reads', async () => {
  const args = ['faultline', 'serve', '--port', '0', '--database', 'machines.sqlite'];
  const env = { ...userEnvironment(), PORT: '', DATABASE: '' };
  const server = spawn('npx', args, { cwd: folder, detached: true, env });
  const ended = new Promise(resolve => server.once('close', resolve));
  try {
    let said = '';
    for await (const text of server.stdout.setEncoding('utf8')) {
      said += text;
      if (said.includes('durability')) break;
    }
    const [, url] = /(http:\/\/\S+:\d+)\n/.exec(said)!;
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  } finally {
    process.kill(-server.pid!, 'SIGTERM');
    await ended;
  }
  const verified = await inFolder('npx', 'faultline', 'verify', '--database', 'machines.sqlite');
  expect(verified).toContain('machine default: 1 operations, seq ');
});

test('the commands that need no server of their own', async () => {
  const faultline = (...args: string[]) => inFolder('npx', '--', 'faultline', ...args);
  const schema = readFileSync(join(folder, 'node_modules/faultline/schema/schema.graphql'), 'utf8');
  expect(await faultline('schema')).toBe(schema);
  const completion = await faultline('completion', 'bash');
  expect(completion).toContain('complete -o default -F _faultline faultline');
  const machine = ['--database', 'machines.sqlite', '--machine', 'default'];
  const log = await faultline('log', 'default', '--database', 'machines.sqlite');
  expect(log).toMatch(/^#1 \S+ \S+ MachineCreate /);
  expect(await faultline('export', ...machine, '--format', 'ftrace')).toContain(
    'add_device_to_group: IOMMU: groupID=1 device=0000:01:00.0',
  );
  expect(await faultline('sim', '--steps', '20', '--json')).toContain('"wrong":null');
  expect(await faultline('drive', '--help')).toMatch(/^Usage: faultline drive/);
});

test('faultline test runs a handler that imports the package', async () => {
  copyFileSync(join(EXAMPLES, 'handler.ts'), join(folder, 'tested.ts'));
  const scenario = { scenario: 'NESTED_FAULTS', drive: [{ rate: 50, until: '20groups' }] };
  write('scenario.json', JSON.stringify(scenario));
  const handler = `'${process.execPath}' tested.ts`;
  const args = ['faultline', 'test', 'scenario.json', '--handler', handler];
  expect(await inFolder('npx', '--', ...args)).toMatch(/unanswered {2}0\n(.*\n)*passed\n$/);
});

test.skipIf(!CAN_RUN)('npx faultline run, whose launcher is a file of its own', async () => {
  expect(await inFolder('npx', '--', 'faultline', 'run', '--', 'echo', 'met')).toBe('met\n');
});

const USE = `
import { openFaultline, startFaultline } from 'faultline';
import { handleFaults } from 'faultline/client';

const faultline = await startFaultline();
const run = async (document: string) => {
  const { data, errors, extensions } = await faultline.execute(document);
  if (errors ?? extensions?.refusals) throw new Error(JSON.stringify({ errors, extensions }));
  return data!;
};
const of = 'contextId: 1';
await run(\`mutation {
  contextOpen(input: {}) { seq }
  deviceBind(input: { \${of}, bdf: "0000:01:00.0" }) { seq }
  ioasAlloc(input: { \${of} }) { seq }
  parent: hwptAlloc(input: { 
    \${of}, devId: 1, ptId: 2, flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
  }) { seq }
  faultQueueAlloc(input: { \${of} }) { seq }
  guest: hwptAlloc(input: {
    \${of}, devId: 1, ptId: 3, flags: [IOMMU_HWPT_FAULT_ID_VALID], faultId: 4
    vtdS1: { pgtblAddr: "0x1000" }
  }) { seq }
  deviceAttach(input: { \${of}, devId: 1, ptId: 5 }) { seq }
  pageRequest(input: { bdf: "0000:01:00.0", grpid: 7, addr: "0x30000" }) { seq }
}\`);
const { url, port } = faultline;
const answered = Promise.withResolvers<void>();
const handler = handleFaults({ url, contextId: 1, faultId: 4 }, async ({ cookie, messages }) => {
  const [first] = messages;
  const addr: bigint = first!.addr;
  const whole: number = cookie;
  console.log('group with cookie', whole, 'at', addr.toString(16), typeof port);
  setTimeout(answered.resolve, 0);
  return 'SUCCESS';
});
await answered.promise;
await handler.stop();
await faultline.close();
const machines = await openFaultline();
console.log(JSON.stringify(await machines.execute('{ machine { baseline } }')));
await machines.close();
`;

test('the entries in a program, and their types', async () => {
  write('use.ts', USE);
  write(
    'wrong.ts',
    USE.replace('addr: bigint', 'addr: string').replace('whole: number', 'whole: string'),
  );
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        target: 'esnext',
        module: 'nodenext',
        lib: ['esnext', 'dom'],
        types: [],
        strict: true,
        skipLibCheck: true,
        outDir: 'made',
      },
      files: ['use.ts'],
    }),
  );
  await inFolder(process.execPath, TSC, '-p', '.');
  expect(await inFolder(process.execPath, 'made/use.js')).toBe(
    'group with cookie 1 at 30000 number\n{"data":{"machine":{"baseline":"LINUX_6_12_117"}}}\n',
  );
  const wrong = await inFolder(process.execPath, TSC, '-p', '.', '--noEmit').catch(() => '');
  expect(wrong).toBe('');
  const flags = '--noEmit --target esnext --module nodenext --strict --skipLibCheck'.split(' ');
  const said = await inFolder(process.execPath, TSC, '--ignoreConfig', ...flags, 'wrong.ts').catch(
    (error: { stdout: string }) => error.stdout,
  );
  expect(said).toContain("Type 'bigint' is not assignable to type 'string'");
  expect(said).toContain("Type 'number' is not assignable to type 'string'");
});

test('the example of a handler is one in types too, and answers', async () => {
  const { startFaultline } = await import('../../src/index.ts');
  await using server = await startFaultline();
  await makeFaulting(server);
  await sendGroups(server, 1);
  copyFileSync(join(EXAMPLES, 'handler.ts'), join(folder, 'handler.ts'));
  copyFileSync(join(EXAMPLES, 'handler.test.ts'), join(folder, 'handler.test.ts'));
  const flags = '--noEmit --target esnext --module nodenext --strict --skipLibCheck'.split(' ');
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
  const files = ['handler.ts', 'handler.test.ts'];
  await inFolder(process.execPath, TSC, '--ignoreConfig', ...flags, ...types, ...files);
  const env = { ...userEnvironment(), FAULTLINE_URL: server.url };
  const handler = run(process.execPath, ['handler.ts'], { cwd: folder, env });
  const update = await server.subscribe('subscription { events(after: 0) { type } }');
  for await (const { data } of update) {
    if ((data!['events'] as { type: string }).type === 'PageResponseSent') break;
  }
  await succeed(server, 'faultClose', 'contextId: 1, faultId: 4');
  expect((await handler).stdout).toBe('page 0x1000\n');
});

test('what the workflow of the examples runs, but for npm ci, succeeds', async () => {
  const workflow = readFileSync(join(EXAMPLES, 'ci.yml'), 'utf8');
  const steps = [...workflow.matchAll(/^ {6}- run: (.*)$/gm)].map(([, step]) => step!);
  expect(steps[0]).toBe('npm ci');
  expect(steps.length).toBeGreaterThan(1);
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
  for (const step of steps.slice(1)) {
    const env = { ...userEnvironment(), PATH: path };
    const { stdout } = await run('bash', ['-c', step], { cwd: folder, env });
    expect(stdout).toMatch(/pass [1-9]/);
  }
});

test('the schema is there for code generators', () => {
  const schema = readFileSync(join(folder, 'node_modules/faultline/schema/schema.graphql'), 'utf8');
  expect(schema).toBe(readFileSync(join(ROOT, 'schema/schema.graphql'), 'utf8'));
});
