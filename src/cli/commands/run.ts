/** `faultline run`: a program meets a machine as /dev/iommu. */
import { parseArgs } from 'node:util';
import { BASELINES, type BaselineName, DEFAULT_BASELINE, isBaseline } from '../../abi/baselines.ts';
import { DEFAULT_MACHINE_ID, MACHINE_ID, MACHINE_ID_FORM } from '../../abi/limits.ts';
import { DEFAULT_IOMMU } from '../../core/hardware/unit/possible.ts';
import { Engine } from '../../engine/machine/engine.ts';
import { RequestError } from '../../engine/machine/errors.ts';
import { PROGRAM_TOPOLOGY } from '../../engine/trace/topology.ts';
import { EngineKernel } from '../../ioctl/engine-kernel.ts';
import type { Kernel } from '../../ioctl/kernel.ts';
import { StartError } from '../../ioctl/native/start.ts';
import { recordProgram } from '../../ioctl/record/record.ts';
import { allowLargeFiles, type RunResult, runProgram } from '../../ioctl/run.ts';
import { SocketKernel } from '../../ioctl/socket/socket-kernel.ts';
import { WireError } from '../../ioctl/socket/wire.ts';
import type { RunSummary } from '../../ioctl/summary.ts';
import type { Log } from '../../log/log.ts';
import { openMemoryLog } from '../../log/memory.ts';
import { openSqliteLog } from '../../log/sqlite/sqlite.ts';
import type { Flags } from '../command-line.ts';
import { runCommand, UsageError } from './run-command.ts';

export const HELP = `Usage: faultline run [flags] -- PROGRAM ARGS…

Runs a program, as it is, to which /dev/iommu is a machine of Faultline: every open, ioctl, read,
write and close of it is an operation in the machine's log. Needs Linux 5.19 on x64; no root, no module.

  --machine ID     the machine; without --server made if absent (default: ${DEFAULT_MACHINE_ID})
  --baseline NAME  the kernel a machine that is made behaves as (default: ${DEFAULT_BASELINE})
  --database FILE  where its log is kept (default: nowhere, it ends with the program)
  --server SOCKET  on a machine of a running server, which prints the path of its socket
  --as-root        the machine takes the program for root: all capabilities, whatever it has here
  --exact-fds      reads and writes are looked at on all file numbers, not only on 768 to
                   1023, where fault queues are put: all numbers are as the kernel gives them, and
                   other files slower
  --record FILE    runs it on the kernel of this computer, which must have /dev/iommu, and writes to
                   FILE what it said and got; faultline conform FILE runs that here and compares
  --json           the summary as JSON, on one line of standard error
  --quiet          no summary
  --help           this text

Examples:
  faultline run -- ./a-program --its-own-flag
  faultline run --baseline LINUX_7_3_4 --as-root --json -- python3 a_test.py
  faultline run --server data/faultline.sqlite.sock --machine m -- ./a-program

Exit code: that of the program, 128 and the signal's number if one ended it; 127 there is no such
program, 126 it cannot be run or watched; before it starts, 1 refused and 2 wrong arguments.
`;

export const FLAGS = {
  machine: { type: 'string' },
  baseline: { type: 'string', oneOf: BASELINES },
  database: { type: 'string' },
  server: { type: 'string' },
  record: { type: 'string' },
  'as-root': { type: 'boolean' },
  'exact-fds': { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean' },
} as const satisfies Flags;

interface RunFlags {
  readonly machineId: string;
  readonly baseline: BaselineName;
  readonly database: string | null;
  /** Path of a server's socket. */
  readonly server: string | null;
  /** File of the recording. */
  readonly record: string | null;
  readonly asRoot: boolean;
  readonly exactFds: boolean;
  readonly summary: 'TEXT' | 'JSON' | 'NONE';
}

/** Splits at the first "--": what follows is the program's. */
function split(argv: readonly string[]): [flags: readonly string[], program: readonly string[]] {
  const at = argv.indexOf('--');
  return at < 0 ? [argv, []] : [argv.slice(0, at), argv.slice(at + 1)];
}

function readFlags(argv: readonly string[]): RunFlags | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: FLAGS,
    allowPositionals: true,
  });
  const [program] = positionals;
  if (program !== undefined) {
    throw new UsageError(`write the program behind "--": faultline run [flags] -- ${program}`);
  }
  if (values.help === true) return 'help';
  const { machine = DEFAULT_MACHINE_ID, baseline = DEFAULT_BASELINE } = values;
  if (!MACHINE_ID.test(machine)) {
    throw new UsageError(`--machine must be ${MACHINE_ID_FORM}, not "${machine}"`);
  }
  if (!isBaseline(baseline)) {
    throw new UsageError(`--baseline must be one of ${BASELINES.join(', ')}, not "${baseline}"`);
  }
  if (values.json === true && values.quiet === true) {
    throw new UsageError('--json prints the summary and --quiet does not; take one of them');
  }
  const { database = null, server = null, record = null } = values;
  const elsewhere = ['machine', 'baseline', 'database', 'server', 'as-root', 'exact-fds'] as const;
  const meant = elsewhere.find(name => values[name] !== undefined);
  if (record !== null && meant !== undefined) {
    throw new UsageError(`--record runs it on this computer's kernel; leave out --${meant}`);
  }
  const own = database !== null || values.baseline !== undefined;
  if (server !== null && own) {
    throw new UsageError(
      '--server has its own database and machines; leave out --database and --baseline',
    );
  }
  if (server !== null && /^[a-z][a-z0-9+.-]*:\/\//i.test(server)) {
    throw new UsageError(
      `--server wants the path of a socket, not the URL "${server}": faultline serve --database FILE ` +
        'makes FILE.sock on the same computer, and prints it beside "programs"',
    );
  }
  return {
    machineId: machine,
    baseline,
    database,
    server,
    record,
    asRoot: values['as-root'] === true,
    exactFds: values['exact-fds'] === true,
    summary: values.json === true ? 'JSON' : values.quiet === true ? 'NONE' : 'TEXT',
  };
}

export function run(argv: readonly string[]): Promise<number> {
  return runCommand('run', async () => {
    const [own, program] = split(argv);
    const flags = readFlags(own);
    if (flags === 'help') {
      process.stdout.write(HELP);
      return 0;
    }
    if (program.length === 0) throw new UsageError('a program is missing: write it behind "--"');
    // Programs go on where nobody reads what is said of them, and where the terminal is gone.
    process.stderr.on('error', () => {});
    try {
      if (flags.record === null) allowLargeFiles();
      if (flags.record !== null) return await recordTo(flags.record, flags, program);
      const { exitCode, summary } = await runOnMachine(flags, program);
      process.stderr.write(textOf(flags, summary));
      return exitCode;
    } catch (error) {
      if (!(error instanceof StartError || error instanceof WireError)) throw error;
      process.stderr.write(`faultline run: ${error.message}\n`);
      return error instanceof StartError ? error.exitCode : 1;
    }
  });
}

async function recordTo(file: string, flags: RunFlags, argv: readonly string[]): Promise<number> {
  const { exitCode, calls, opened } = await recordProgram(argv, file);
  if (!opened) {
    const why = calls === 0 ? 'it opened no /dev/iommu' : 'its /dev/iommu could not be opened';
    process.stderr.write(`faultline run: ${why}; ${file} holds nothing to compare\n`);
  }
  const texts = {
    TEXT: `recorded ${calls} calls in ${file}\n`,
    JSON: `${JSON.stringify({ calls, file })}\n`,
    NONE: '',
  };
  process.stderr.write(texts[flags.summary]);
  return exitCode;
}

/** With the machine of a server, or with one of an engine in this process. */
async function runOnMachine(flags: RunFlags, argv: readonly string[]): Promise<RunResult> {
  if (flags.server === null) return runHere(flags, argv);
  const kernel = await SocketKernel.connect(flags.server, flags.machineId).catch(
    noServer(flags.server),
  );
  const result = await runOn(kernel, flags, argv);
  await kernel.close();
  return result;
}

function runOn(kernel: Kernel, flags: RunFlags, argv: readonly string[]): Promise<RunResult> {
  return runProgram({
    argv,
    kernel,
    exactFds: flags.exactFds,
    privileges: flags.asRoot ? 'ROOT' : 'OWN',
    warn: message => process.stderr.write(`faultline run: ${message}\n`),
  });
}

async function runHere(flags: RunFlags, argv: readonly string[]): Promise<RunResult> {
  const log =
    flags.database === null
      ? openMemoryLog()
      : await openSqliteLog({ file: flags.database, durability: 'normal', exclusive: true });
  const engine = new Engine({ log, now: Date.now });
  try {
    await ensureMachine(engine, log, flags);
    const kernel = new EngineKernel(engine, flags.machineId);
    const result = await runOn(kernel, flags, argv);
    await kernel.close();
    return result;
  } finally {
    await engine.drain();
    await log.close();
  }
}

/** Errors: RequestError, the machine is there and behaves as another kernel than the one asked for. */
async function ensureMachine(engine: Engine, log: Log, flags: RunFlags): Promise<void> {
  const { machineId, baseline } = flags;
  if ((await log.head(machineId)) === null) {
    await engine.create(machineId, {
      type: 'MachineCreate',
      baseline,
      iommus: [DEFAULT_IOMMU],
      devices: PROGRAM_TOPOLOGY,
    });
    return;
  }
  const { state } = await engine.machine(machineId);
  if (state.baseline === baseline) return;
  throw new RequestError(
    'BASELINE_DIFFERS',
    `machine "${machineId}" behaves as ${state.baseline}, not as ${baseline}; ` +
      `take another --machine, or --baseline ${state.baseline}`,
  );
}

function textOf({ summary: form, machineId }: RunFlags, summary: RunSummary): string {
  if (form === 'NONE') return '';
  if (form === 'JSON') return `${JSON.stringify(summary)}\n`;
  const counts = (record: Readonly<Record<string, number>>) =>
    Object.entries(record)
      .map(([name, number]) => `${number} ${name}`)
      .join(', ');
  const lines = [
    `machine ${machineId}: ${summary.calls} calls, ${summary.operations} operations`,
    `  refused   ${counts(summary.refusals) || 'none'}`,
    `  hazards   ${counts(summary.hazards) || 'none'}`,
    `  left      ${counts(summary.objectsLeft) || 'nothing'}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Errors: RequestError, there is no server at that path; any other as it is. */
function noServer(path: string): (error: NodeJS.ErrnoException) => never {
  return error => {
    if (error.syscall !== 'connect') throw error;
    throw new RequestError(
      'NO_SERVER',
      `--server: "${path}" ${error.code === 'EACCES' ? 'is a socket of another user' : `is the socket of no running server (${error.code})`}; a path is wanted that faultline serve prints beside "programs"`,
    );
  };
}
