/** Asks which handler is tried against the past, and from where on. */
import { useState } from 'preact/hooks';
import { shown } from '../data/moments.ts';
import { openLink } from '../state/go.ts';
import { type Queue, queuesOf, startHandling } from '../state/handler.ts';
import { closeDialog } from '../state/open.ts';
import { machine, tab } from '../state/place.ts';
import { startRedrive } from '../state/redrive.ts';
import { FormDialog } from './dialog.tsx';
import { NameField } from './name-field.tsx';

/** The first operation that can run again: what made the machine is shared. */
const FROM_MIN = 2;
/** How long an answer is waited for, in seconds: a program's, and a person's. */
const PROGRAM_SECONDS = 10;
const PERSON_SECONDS = 120;

export function RedriveDialog() {
  const [byHand, setByHand] = useState(false);
  const [name, setName] = useState('');
  const machineId = machine.value!;
  const [queue] = queuesOf();
  const fromOperation = Math.max((shown.value?.operation?.number ?? 0) + 1, FROM_MIN);
  const seconds = byHand ? PERSON_SECONDS : PROGRAM_SECONDS;
  const begin = async () => {
    const newMachineId = name.trim();
    await startRedrive({
      machineId,
      newMachineId,
      fromOperation,
      answerTimeoutMs: seconds * 1_000,
    });
    closeDialog();
    if (byHand && queue !== undefined) await handleOn({ ...queue, machine: newMachineId });
    else tab.value = 'handler';
  };
  return (
    <FormDialog title="Run a handler against this past" button="Run" act={begin}>
      <fieldset class="choices">
        <legend>Who answers</legend>
        <label>
          <input type="radio" name="who" checked={!byHand} onChange={() => setByHand(false)} /> My
          program: it subscribes to iopfGroups of the new machine
        </label>
        <label>
          <input type="radio" name="who" checked={byHand} onChange={() => setByHand(true)} /> I do,
          by hand
        </label>
      </fieldset>
      <p class="note">
        {queue === undefined
          ? 'There is no fault queue at this moment: go to one that has one first.'
          : `From operation ${fromOperation} on, context ${queue.contextId}, queue ${queue.faultId}. Each answer is waited for ${seconds} seconds.`}
      </p>
      <NameField value={name} onChange={setName} />
    </FormDialog>
  );
}

/** The fork is opened, and its faults are the person's. */
async function handleOn(queue: Queue): Promise<void> {
  await openLink(`/m/${queue.machine}/now?tab=handler`);
  startHandling(queue);
}
