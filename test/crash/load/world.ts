/** The machines that the load is on, and the clients that make it. */
import { Prng } from '../../../src/sim/prng.ts';
import { Client, type Life } from './client.ts';
import { follow } from './follower.ts';
import { type Handling, handle } from './handler.ts';
import { allocator, makeFaulting, mapper, refusedStep, requester } from './mutations.ts';
import { timeTraveller } from './past.ts';

/** Machines with a function that sends page requests and a fault queue. */
const FAULTING_MACHINES = 2;

export class World {
  /** Of which all that they need was acknowledged. */
  readonly machineIds: string[] = [];
  private readonly prng: Prng;

  constructor(prng: Prng) {
    this.prng = prng;
  }

  client(life: Life): Client {
    return new Client(life, new Prng(this.prng.below(0x1_0000_0000)));
  }

  /** Makes the machines that are missing: forks of the default one's first operation. */
  async prepare(life: Life): Promise<void> {
    const client = this.client(life);
    while (this.machineIds.length < FAULTING_MACHINES && !life.over) {
      const machineId = `faulting-${client.notes.unique()}`;
      const input = `{machineId: "${machineId}", from: {machineId: "default", atOperation: 1}}`;
      const answer = await client.ask(
        `mutation { machineFork(input: ${input}) { machine { seq } } }`,
      );
      if (answer === 'GONE' || !answer.data?.['machineFork']) return;
      client.notes.forks.push({ machineId, parentId: 'default', number: 1 });
      if (!(await makeFaulting(client, machineId))) return;
      this.machineIds.push(machineId);
    }
  }

  /** Clients that change things; each resolves when the life is over. */
  load(life: Life): Promise<void>[] {
    const [first, second] = this.machineIds as [string, string];
    const refused = this.client(life);
    return [
      mapper(this.client(life), first),
      mapper(this.client(life), second),
      allocator(this.client(life), first),
      requester(this.client(life), first),
      requester(this.client(life), second),
      timeTraveller(this.client(life), first),
      timeTraveller(this.client(life), second),
      refused.repeat(() => refused.run('default', [refusedStep(refused)])),
    ];
  }

  /** A handler and a follower of each machine. */
  attend(life: Life, how: Handling): Promise<void>[] {
    return this.machineIds.flatMap(machineId => [
      handle(this.client(life), machineId, how),
      follow(this.client(life), `${machineId}#1`, machineId),
    ]);
  }
}
