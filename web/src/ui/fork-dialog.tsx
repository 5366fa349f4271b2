/** Go on from here: a fork with the same past, or the same operations on another kernel. */
import { useEffect, useState } from 'preact/hooks';
import { head } from '../data/head.ts';
import { shown } from '../data/moments.ts';
import { ask, change } from '../data/server.ts';
import {
  type Baseline,
  BaselinesDocument,
  ForkDocument,
  WhatIfDocument,
} from '../later-documents.ts';
import { announce } from '../state/announce.ts';
import { closeDialog } from '../state/open.ts';
import { machine, other, playhead, tab } from '../state/place.ts';
import { FormDialog } from './dialog.tsx';
import { kernelName } from './format.ts';

type Way = 'fork' | 'whatIf';

/** The end of the operation that the playhead is in: what a fork begins at. */
function whole(): { seq: number; words: string } {
  const at = playhead.value ?? 0;
  const operation = shown.value?.operation ?? null;
  if (operation === null || operation.seq === at) {
    return { seq: at, words: `at event ${at}, the end of operation ${operation?.number ?? 0}` };
  }
  const { seqBefore, number } = operation;
  const inside = `event ${at} is in the middle of operation ${number}`;
  return { seq: seqBefore, words: `at event ${seqBefore}, for ${inside}` };
}

async function make(way: Way, name: string, seq: number, baseline: Baseline | null) {
  const machineId = machine.peek()!;
  if (way === 'fork') {
    const from = { machineId, at: seq };
    const { machineFork } = await change(ForkDocument, { input: { machineId: name, from } });
    return machineFork!.machine;
  }
  const { whatIf } = await change(WhatIfDocument, {
    input: { machineId, newMachineId: name, baseline },
  });
  return whatIf!.machine;
}

export function ForkDialog() {
  const [way, setWay] = useState<Way>('fork');
  const [name, setName] = useState('');
  const [baseline, setBaseline] = useState<Baseline>(head.value?.baseline ?? 'LINUX_6_12_117');
  const { seq, words } = whole();
  const begin = async () => {
    const made = await make(way, name.trim(), seq, baseline);
    other.value = { machine: made.machineId, seq: made.seq };
    tab.value = 'compare';
    closeDialog();
    announce(`${made.machineId} is made, and compared with as B.`);
  };
  return (
    <FormDialog title="Go on from here" button="Make it" act={begin}>
      <fieldset class="choices">
        <legend>What to make</legend>
        <label>
          <input type="radio" name="way" checked={way === 'fork'} onChange={() => setWay('fork')} />{' '}
          A fork {words}: the same past, another future
        </label>
        <label>
          <input
            type="radio"
            name="way"
            checked={way === 'whatIf'}
            onChange={() => setWay('whatIf')}
          />{' '}
          What if: all its operations once more, on another kernel
        </label>
      </fieldset>
      {way === 'whatIf' && <KernelField value={baseline} onChange={setBaseline} />}
      <label class="field">
        Name of the new machine
        <input
          required
          maxLength={64}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}

interface KernelProps {
  readonly value: Baseline;
  readonly onChange: (baseline: Baseline) => void;
}

function KernelField({ value, onChange }: KernelProps) {
  const [names, setNames] = useState<readonly Baseline[]>([value]);
  useEffect(() => {
    ask(BaselinesDocument, {}).then(
      ({ baselines }) => setNames(baselines.map(({ baseline }) => baseline)),
      () => undefined,
    );
  }, []);
  return (
    <label class="field">
      Kernel
      <select
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value as Baseline)}
      >
        {names.map(name => (
          <option key={name} value={name}>
            {kernelName(name)}
          </option>
        ))}
      </select>
    </label>
  );
}
