/** The commands, each with the way to load it alone. */
import type { CommandLine } from './command-line.ts';

export const COMMANDS: Readonly<Record<string, CommandLine>> = {
  serve: {
    summary: 'serve the GraphQL API and its playground',
    load: async () => {
      const { serve: run, FLAGS: flags, HELP: help } = await import('./commands/serve.ts');
      return { run, flags, help };
    },
  },
  run: {
    summary: 'run a program to which /dev/iommu is a machine',
    load: async () => {
      const { run, FLAGS: flags, HELP: help } = await import('./commands/run.ts');
      return { run, flags, help };
    },
  },
  log: {
    summary: 'print the log of a machine, all of it or what fits',
    load: async () => {
      const { log: run, FLAGS: flags, HELP: help } = await import('./commands/log.ts');
      return { run, flags, help };
    },
  },
  drive: {
    summary: 'make page faults as a device would, on a running server',
    load: async () => {
      const loaded = await import('./commands/drive.ts');
      const { drive: run, FLAGS: flags, HELP: help, WORDS: words } = loaded;
      return { run, flags, help, words };
    },
  },
  test: {
    summary: 'test a fault handler: serve, drive, run it, check what came of it',
    load: async () => {
      const loaded = await import('./commands/test.ts');
      const { test: run, FLAGS: flags, HELP: help, WORDS: words } = loaded;
      return { run, flags, help, words };
    },
  },
  conform: {
    summary: 'run kernel traces and print where Faultline differs',
    load: async () => {
      const { conform: run, FLAGS: flags, HELP: help } = await import('./conform/conform.ts');
      return { run, flags, help };
    },
  },
  'what-if': {
    summary: 'run kernel traces on two kernels and explain what differs',
    load: async () => {
      const { whatIf: run, FLAGS: flags, HELP: help } = await import('./conform/what-if.ts');
      return { run, flags, help };
    },
  },
  sim: {
    summary: 'drive machines with random operations and check the invariants',
    load: async () => {
      const { sim: run, FLAGS: flags, HELP: help } = await import('./commands/sim.ts');
      return { run, flags, help };
    },
  },
  export: {
    summary: "write a machine's log to a file, or its page faults as a trace",
    load: async () => {
      const { exportMachine: run, FLAGS: flags, HELP: help } = await import('./commands/export.ts');
      return { run, flags, help };
    },
  },
  import: {
    summary: 'put an export into a database',
    load: async () => {
      const { importMachine: run, FLAGS: flags, HELP: help } = await import('./commands/import.ts');
      return { run, flags, help };
    },
  },
  replay: {
    summary: 'check and replay an export without a database',
    load: async () => {
      const { replay: run, FLAGS: flags, HELP: help } = await import('./commands/replay.ts');
      return { run, flags, help };
    },
  },
  verify: {
    summary: 'check the hash chains of a database',
    load: async () => {
      const { verify: run, FLAGS: flags, HELP: help } = await import('./commands/verify.ts');
      return { run, flags, help };
    },
  },
  schema: {
    summary: 'print the GraphQL schema',
    load: async () => {
      const { schema: run, FLAGS: flags, HELP: help } = await import('./commands/schema.ts');
      return { run, flags, help };
    },
  },
};
