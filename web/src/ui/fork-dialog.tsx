/** Go on from here: a fork with the same past, or the same operations with something different. */
import { useEffect, useState } from 'preact/hooks';
import { head } from '../data/head.ts';
import { shown } from '../data/moments.ts';
import { ask, change } from '../data/server.ts';
import { OperationAfterDocument } from '../documents.ts';
import {
  type Baseline,
  BaselinesDocument,
  ForkDocument,
  type RerunPoliciesInput,
  WhatIfDocument,
} from '../later-documents.ts';
import { announce } from '../state/announce.ts';
import { closeDialog } from '../state/open.ts';
import { machine, other, playhead, tab } from '../state/place.ts';
import { FormDialog } from './dialog.tsx';
import { kernelName } from './format.ts';
import { NameField } from './name-field.tsx';

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

/** What is different when the operations run again. */
interface WhatIf {
  readonly baseline: Baseline;
  readonly policies: RerunPoliciesInput;
  /** The past up to here is shared; null: nothing is. */
  readonly at: number | null;
}

async function make(way: Way, name: string, seq: number, different: WhatIf) {
  const machineId = machine.peek()!;
  if (way === 'fork') {
    const from = { machineId, at: seq };
    const { machineFork } = await change(ForkDocument, { input: { machineId: name, from } });
    return machineFork!.machine;
  }
  const { whatIf } = await change(WhatIfDocument, {
    input: { machineId, newMachineId: name, ...different },
  });
  return whatIf!.machine;
}

/** Where the new machine is what the playhead is at: every operation kept its number. */
async function sameMoment(machineId: string, shared: number | null): Promise<number> {
  const at = playhead.value ?? 0;
  const operation = shown.value?.operation ?? null;
  if (shared !== null || operation === null) return shared ?? at;
  const after = String(operation.number - 1);
  const { machine: made } = await ask(OperationAfterDocument, { machineId, after });
  const again = made.operations.edges[0]!.node;
  if (at >= operation.seq) return again.seq;
  return Math.min(again.seqBefore + at - operation.seqBefore, again.seq);
}

export function ForkDialog() {
  const [way, setWay] = useState<Way>('fork');
  const [name, setName] = useState('');
  const [different, setDifferent] = useState<WhatIf>({
    baseline: head.value?.baseline ?? 'LINUX_6_12_117',
    policies: {},
    at: null,
  });
  const { seq, words } = whole();
  const begin = async () => {
    const made = await make(way, name.trim(), seq, different);
    const there = way === 'fork' ? made.seq : await sameMoment(made.machineId, different.at);
    other.value = { machine: made.machineId, seq: there };
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
          What if: all its operations once more, on another kernel or with other policies
        </label>
      </fieldset>
      {way === 'whatIf' && <WhatIfFields value={different} onChange={setDifferent} seq={seq} />}
      <NameField value={name} onChange={setName} />
    </FormDialog>
  );
}

/** The kernels there are; until they are known, the recorded one. */
function useKernels(recorded: Baseline): readonly Baseline[] {
  const [names, setNames] = useState<readonly Baseline[]>([recorded]);
  useEffect(() => {
    ask(BaselinesDocument, {}).then(
      ({ baselines }) => setNames(baselines.map(({ baseline }) => baseline)),
      () => undefined,
    );
  }, []);
  return names;
}

/** What each policy can be, as people say it. */
const POLICIES = {
  autoResponse: {
    label: 'A replace answers the groups of the old table',
    options: { EVERY_REPLACE: 'always', ONLY_TO_PLAIN: 'only if the new one takes no faults' },
  },
  inFlightRequests: {
    label: 'Requests in flight when a table goes',
    options: { DRAINED: 'are finished first', NOT_DRAINED: 'are left' },
  },
  virtualFunctions: {
    label: 'Virtual functions',
    options: { AS_BASELINE: 'as the kernel has them', EMULATED_PRI: 'with an emulated PRI' },
  },
} as const satisfies {
  readonly [Name in keyof RerunPoliciesInput]-?: {
    readonly label: string;
    readonly options: Readonly<Record<NonNullable<RerunPoliciesInput[Name]>, string>>;
  };
};

type PolicyName = keyof typeof POLICIES;

interface WhatIfProps {
  readonly value: WhatIf;
  readonly onChange: (value: WhatIf) => void;
  readonly seq: number;
}

function WhatIfFields({ value, onChange, seq }: WhatIfProps) {
  const names = useKernels(value.baseline);
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={value.at !== null}
          onChange={({ currentTarget }) =>
            onChange({ ...value, at: currentTarget.checked ? seq : null })
          }
        />{' '}
        Only those after event {seq}: the past up to there is shared
      </label>
      <Choice
        label="Kernel"
        value={value.baseline}
        options={names.map(name => [name, kernelName(name)])}
        onChange={baseline => onChange({ ...value, baseline: baseline as Baseline })}
      />
      {(Object.keys(POLICIES) as PolicyName[]).map(name => (
        <Choice
          key={name}
          label={POLICIES[name].label}
          value={value.policies[name] ?? ''}
          options={[['', 'as recorded'], ...Object.entries(POLICIES[name].options)]}
          onChange={policy =>
            onChange({ ...value, policies: { ...value.policies, [name]: policy || null } })
          }
        />
      ))}
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label class="field">
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {options.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
