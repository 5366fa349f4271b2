/**
 * `planted.ts ARGV…`: runs a program on a machine that fails, by a mistake, at its second IoasAlloc; with
 * PLANTED=START in the environment when the supervisor starts.
 */
import { DEFAULT_BASELINE } from '../../../src/abi/baselines.ts';
import type { Command } from '../../../src/core/machine/command.ts';
import { Engine } from '../../../src/engine/machine/engine.ts';
import { EngineKernel } from '../../../src/ioctl/engine-kernel.ts';
import type { Outcome } from '../../../src/ioctl/kernel.ts';
import { runProgram } from '../../../src/ioctl/run.ts';
import { openMemoryLog } from '../../../src/log/memory.ts';

class Mistaken extends EngineKernel {
  private allocs = 0;

  override execute<C extends Command>(command: C): Promise<Outcome<C['type']>> {
    if (command.type === 'IoasAlloc' && ++this.allocs === 2) throw new Error('planted');
    if (command.type === 'ContextClose') return Promise.reject(new Error('planted at the end'));
    return super.execute(command);
  }

  override follow(...happened: Parameters<EngineKernel['follow']>): Promise<() => void> {
    if (process.env['PLANTED'] === 'START') throw new Error('planted at the start');
    return super.follow(...happened);
  }

  override functions(): never {
    throw new RangeError('planted for functions');
  }
}

const engine = new Engine({ log: openMemoryLog(), now: Date.now });
await engine.create('m', { type: 'MachineCreate', baseline: DEFAULT_BASELINE, devices: [] });
const kernel = new Mistaken(engine, 'm');
const { exitCode, summary } = await runProgram({
  argv: process.argv.slice(2),
  kernel,
  exactFds: false,
  privileges: 'OWN',
  warn: message => process.stderr.write(`${message}\n`),
});
await kernel.close();
process.stderr.write(`${JSON.stringify(summary)}\n`);
process.exitCode = exitCode;
