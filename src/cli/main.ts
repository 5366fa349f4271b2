#!/usr/bin/env node
/** The command line: `faultline COMMAND …`. */
/** Returns the exit code. */
type Run = (argv: readonly string[]) => Promise<number>;

interface CommandLine {
  readonly summary: string;
  /** Loads the command alone: none waits for what another needs. */
  readonly load: () => Promise<Run>;
}

const COMMANDS: Readonly<Record<string, CommandLine>> = {
  serve: {
    summary: 'serve the GraphQL API and its playground',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  run: {
    summary: 'run a program to which /dev/iommu is a machine',
    load: async () => (await import('./commands/run.ts')).run,
  },
  log: {
    summary: 'print the log of a machine, all of it or what fits',
    load: async () => (await import('./commands/log.ts')).log,
  },
  drive: {
    summary: 'make page faults as a device would, on a running server',
    load: async () => (await import('./commands/drive.ts')).drive,
  },
  test: {
    summary: 'test a fault handler: serve, drive, run it, check what came of it',
    load: async () => (await import('./commands/test.ts')).test,
  },
  conform: {
    summary: 'run kernel traces and print where Faultline differs',
    load: async () => (await import('./conform/conform.ts')).conform,
  },
  'what-if': {
    summary: 'run kernel traces on two kernels and explain what differs',
    load: async () => (await import('./conform/what-if.ts')).whatIf,
  },
  sim: {
    summary: 'drive machines with random operations and check the invariants',
    load: async () => (await import('./commands/sim.ts')).sim,
  },
  export: {
    summary: "write a machine's log to a file, or its page faults as a trace",
    load: async () => (await import('./commands/export.ts')).exportMachine,
  },
  import: {
    summary: 'put an export into a database',
    load: async () => (await import('./commands/import.ts')).importMachine,
  },
  replay: {
    summary: 'check and replay an export without a database',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  verify: {
    summary: 'check the hash chains of a database',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
};

function help(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(10)}${summary}`,
  );
  return `Usage: faultline COMMAND [flags]\n\n${lines.join('\n')}\n\n"faultline COMMAND --help" tells more.\n`;
}

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help());
    return 0;
  }
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const complaint = name === undefined ? 'a command is missing' : `no command "${name}"`;
    process.stderr.write(`faultline: ${complaint}\n\n${help()}`);
    return 2;
  }
  const run = await command.load();
  return run(argv);
}

process.exitCode = await main(process.argv.slice(2));
