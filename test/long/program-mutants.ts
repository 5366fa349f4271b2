/** Bugs planted in the entrance of programs, each with the tests that must notice. */
import type { Mutant } from './mutants.ts';

export const PROGRAM_MUTANTS: readonly Mutant[] = [
  {
    name: 'a call that fails before it is an operation is not logged',
    file: 'ioctl/calls/on-file.ts',
    there: "if (failed && kind.type !== 'FAIL_NTH') {",
    instead: "if (failed && kind.type === 'DEVICE') {",
    tests: ['ioctl/programs.test.ts'],
  },
  {
    name: 'fail-nth counts each operation from the start',
    file: 'ioctl/fail-nth.ts',
    there: 'Math.max(0, left - (outcome.allocations ?? 0))',
    instead: 'left',
    tests: ['ioctl/programs.test.ts'],
  },
  {
    name: 'an IOAS stays whose id could not be written back',
    file: 'ioctl/uapi/plain-ioctl.ts',
    there: ': call.respondOr(undo(reply as ReplyOf[T], contextId));',
    instead: ': call.respond();',
    tests: ['ioctl/programs.test.ts'],
  },
  {
    name: 'a recording is not compared byte by byte',
    file: 'ioctl/record/recorded-memory.ts',
    there: '!bytes.equals(after)',
    instead: 'bytes.length !== after.length',
    tests: ['ioctl/record.test.ts'],
  },
  {
    name: 'a device does DMA without bus mastering',
    file: 'ioctl/vfio/device.ts',
    there:
      'if (!this.config.isBusMaster) return block.fail(channel, CHANNEL_ERRORS.NO_BUS_MASTER);',
    instead: '',
    tests: ['ioctl/vfio.test.ts'],
  },
  {
    name: 'an attach of a PASID whose answer is lost detaches the PASID',
    file: 'ioctl/vfio/device-ioctl.ts',
    there: "if (written !== 0) await execute({ type: 'DeviceDetach', ...bound });",
    instead: "if (written !== 0) await execute({ type: 'DeviceDetach', ...bound, ...subject });",
    tests: ['ioctl/pasids.test.ts'],
  },
  {
    name: 'a PASID is read that argsz does not reach',
    file: 'ioctl/vfio/device-ioctl.ts',
    there: 'if (argsz < offset + bytes) return',
    instead: 'if (argsz < offset) return',
    tests: ['ioctl/pasids.test.ts'],
  },
  {
    name: 'DMAs with a PASID are looked up in the table of the RID',
    file: 'ioctl/look.ts',
    there: 'dmaDomain(group, pasid)',
    instead: 'dmaDomain(group, pasid === null ? pasid : null)',
    tests: ['ioctl/pasids.test.ts'],
  },
  {
    name: 'a dup that closes on exec is not told',
    file: 'ioctl/native/filter.ts',
    there: "F_DUPFD_CLOEXEC, 'file', 'allow'",
    instead: "F_DUPFD_CLOEXEC, 'allow', 'allow'",
    tests: ['ioctl/filter.test.ts'],
  },
  {
    name: 'the end of a process is told before its files are closed',
    file: 'ioctl/memory/memories.ts',
    there: 'if (!last) return command;',
    instead: '',
    tests: ['ioctl/vfio.test.ts'],
  },
];
