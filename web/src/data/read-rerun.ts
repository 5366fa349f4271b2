/** Asks for the steps of a rerun, for as long as its two machines are compared. */
import { RerunStepsDocument } from '../later-documents.ts';
import { type Rerun, rerun } from './rerun.ts';
import { ask } from './server.ts';

/** The machine of the two that is a rerun of the other. */
async function readRerun(machines: readonly string[]): Promise<Rerun | null> {
  for (const machineId of machines) {
    const { machine } = await ask(RerunStepsDocument, { machineId, after: null });
    if (machine.rerun === null || !machines.includes(machine.rerun.recorded.machineId)) continue;
    const { recorded, steps } = machine.rerun;
    const { edges, pageInfo } = steps;
    return { machine, recorded, steps: edges.map(({ node }) => node), more: pageInfo.hasNextPage };
  }
  return null;
}

/** Shows the two while they are compared; what it gives ends that. */
export function showRerun(machines: readonly string[]): () => void {
  let current = true;
  readRerun(machines).then(
    read => {
      if (current) rerun.value = read;
    },
    () => undefined,
  );
  return () => {
    current = false;
    rerun.value = null;
  };
}
