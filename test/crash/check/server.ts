/** A server that has just started, against the file it started on. */

import type { Prng } from '../../../src/sim/prng.ts';
import { Client, type Life } from '../load/client.ts';
import { CONTEXT, FAULT_QUEUE } from '../load/mutations.ts';
import { runFaultline } from '../server-process.ts';
import type { LogFile } from './log-file.ts';

interface ListedMachine {
  readonly machineId: string;
  readonly seq: number;
  readonly operations: {
    readonly edges: readonly [{ readonly node: { readonly number: number } }];
  };
}

const LIST = `{ machines(first: 1000) { edges { node {
  machineId seq operations(last: 1) { edges { node { number } } } } } } }`;

/** All machines, as the server lists them; the file was read while no server had it. */
export async function* checkServer(life: Life, prng: Prng, file: LogFile): AsyncGenerator<string> {
  const answer = await new Client(life, prng).ask(LIST);
  if (answer === 'GONE' || answer.data === null) return yield 'the machines cannot be listed';
  const { edges } = answer.data['machines'] as unknown as {
    edges: readonly { readonly node: ListedMachine }[];
  };
  const listed = new Map(edges.map(({ node }) => [node.machineId, node]));
  const reruns = new Map(file.reruns.map(row => [row.machine_id, row]));
  for (const [machineId, { seq, operations }] of listed) {
    const head = file.head(machineId);
    const { number } = operations.edges[0].node;
    // The server makes it when its database is empty.
    if (machineId === 'default' && head.number === 0) continue;
    if (head.seq !== seq || head.number !== number) {
      yield `${machineId} is at operation ${number}, seq ${seq}; the file at ${JSON.stringify(head)}`;
    }
    const rerun = reruns.get(machineId);
    if (rerun !== undefined && number < (JSON.parse(rerun.plan) as { to: number }).to) {
      yield `${machineId} is half of a rerun: ${rerun.plan}, and it ends at operation ${number}`;
    }
  }
  for (const machineId of file.machineIds()) {
    // Half a rerun goes away; whether one that was acknowledged did, `checkPast` sees.
    if (!listed.has(machineId) && !reruns.has(machineId)) yield `${machineId} is not listed`;
  }
}

interface Queue {
  readonly deliverCount: number;
  readonly awaitingResponseCount: number;
}

/** Where a machine is, and the groups of its fault queue that wait; null if there was no answer. */
export async function stateOf(
  client: Client,
  machineId: string,
): Promise<{ readonly seq: number; readonly waiting: number } | null> {
  const queue = `object(id: ${FAULT_QUEUE}) { ... on FaultQueue { deliverCount awaitingResponseCount } }`;
  const context = `context(contextId: ${CONTEXT}) { ${queue} }`;
  const answer = await client.ask(`{ machine(machineId: "${machineId}") { seq ${context} } }`);
  if (answer === 'GONE' || answer.data === null) return null;
  const { seq, context: found } = answer.data['machine'] as unknown as {
    seq: number;
    context: { object: Queue };
  };
  const { deliverCount, awaitingResponseCount } = found.object;
  return { seq, waiting: deliverCount + awaitingResponseCount };
}

/** `faultline verify`, and the commands of one machine run again. */
export async function* checkCommands(
  root: string,
  database: string,
  machineId: string,
  scratch: string,
): AsyncGenerator<string> {
  const verified = await runFaultline(root, 'verify', '--database', database);
  if (verified.code !== 0) yield `verify: ${verified.stdout}${verified.stderr}`;
  const flags = ['--database', database, '--machine', machineId, '--output', scratch];
  const exported = await runFaultline(root, 'export', ...flags);
  if (exported.code !== 0) return yield `export: ${exported.stdout}${exported.stderr}`;
  const replayed = await runFaultline(root, 'replay', '--check', scratch);
  if (replayed.code !== 0) yield `replay --check: ${replayed.stdout}${replayed.stderr}`;
}
