/** Programs of devices: how far they are, what failed, and one to load and run. */
import { useState } from 'preact/hooks';
import { newest } from '../data/head.ts';
import type { Moment } from '../data/moments.ts';
import { wordsOf } from '../data/server.ts';
import {
  HardwareProgramsDocument,
  type HardwareProgramsQuery,
  LoadProgramDocument,
  RunProgramDocument,
} from '../hardware-documents.ts';
import { announce } from '../state/announce.ts';
import { live, part } from '../state/place.ts';
import { act } from './act.ts';
import { openDma } from './open-dma.ts';
import { AsOf, Badge, isModelled, Meter, Problem, wordsOfName } from './parts.tsx';
import { formatOp, opNamedIn, parseProgram, TEMPLATES } from './program-text.ts';
import { useAnswer } from './use-answer.ts';

type Fn = Required<HardwareProgramsQuery['machine']['physicalDevices'][number]>;

export function Programs({ moment }: { moment: Moment }) {
  const shown = useAnswer(HardwareProgramsDocument, moment, {});
  const { answer } = shown;
  const functions = (answer?.machine.physicalDevices ?? []).filter(isModelled);
  return (
    <>
      <AsOf of={shown} moment={moment} />
      {functions.length > 0 && <Writing moment={moment} functions={functions} />}
      {answer !== null && functions.length === 0 && (
        <p class="note">
          No device is behind an IOMMU at this moment: press <kbd>End</kbd> for the newest.
        </p>
      )}
      {functions.map(fn => (
        <Progress key={fn.bdf} fn={fn} machine={moment.machine} />
      ))}
    </>
  );
}

function Progress({ fn, machine }: { fn: Fn; machine: string }) {
  const { bdf, program, dmas } = fn;
  const [problem, setProblem] = useState<string | null>(null);
  if (program === null) {
    return (
      <section>
        <h3>{bdf}</h3>
        <p class="note">It was given no program.</p>
      </section>
    );
  }
  const { state, next, length, steps, failure, failedOp, ops } = program;
  const here = state === 'FAILED' ? failedOp : state === 'DONE' ? null : next;
  return (
    <section>
      <h3>{bdf}</h3>
      <Meter
        label="Program"
        value={next}
        max={length}
        of="operations begun"
        bad={state === 'FAILED'}
      />
      <p class="states">
        <Badge bad={state === 'FAILED'}>
          {state === 'FAILED' ? '✕ ' : ''}
          {wordsOfName(state)}, {steps} done
        </Badge>
        {dmas.map(({ dmaId, state: waits }) => (
          <button
            key={dmaId}
            type="button"
            class="small"
            onClick={() => {
              openDma.value = dmaId;
              part.value = 'dmas';
            }}
          >
            DMA {dmaId}: {wordsOfName(waits)}
          </button>
        ))}
        {(state === 'IDLE' || state === 'RUNNING') && (
          <button
            type="button"
            class="small"
            onClick={() => {
              run(machine, bdf).then(
                () => setProblem(null),
                error => setProblem(wordsOf(error)),
              );
            }}
          >
            Run
          </button>
        )}
      </p>
      <Problem>{problem}</Problem>
      {failure !== null && <p class="bad">{failure}</p>}
      <ol class="program">
        {ops.map((op, index) => (
          <li key={index} class={failedOp === index ? 'failed' : ''}>
            <span class="seq">{index}</span> <code>{formatOp(op)}</code>
            {here === index && <strong>{state === 'FAILED' ? '✕ failed' : '◂ next'}</strong>}
          </li>
        ))}
      </ol>
      {ops.length < length && (
        <p class="note">
          The first {ops.length} of {length}.
        </p>
      )}
    </section>
  );
}

async function run(machineId: string, bdf: string): Promise<void> {
  const { deviceRun } = await act(RunProgramDocument, { input: { machineId, bdf } });
  if (deviceRun === null || !('state' in deviceRun)) return;
  announce(`${bdf}: ${wordsOfName(deviceRun.state)} at operation ${deviceRun.next}.`);
}

interface WritingProps {
  readonly moment: Moment;
  readonly functions: readonly Fn[];
}

function Writing({ moment, functions }: WritingProps) {
  const [bdf, setBdf] = useState(functions[0]!.bdf);
  const [text, setText] = useState(TEMPLATES[0]!.text);
  const [problem, setProblem] = useState<string | null>(null);
  const loadAndRun = async () => {
    const { machine: machineId } = moment;
    setProblem(null);
    await act(LoadProgramDocument, { input: { machineId, bdf, ops: parseProgram(text).ops } });
    await run(machineId, bdf);
  };
  return (
    <form
      class="writing"
      onSubmit={event => {
        event.preventDefault();
        loadAndRun().catch(error => setProblem(wordsOf(error)));
      }}
    >
      <div class="pair-of-fields">
        <label class="field">
          Device
          <select value={bdf} onChange={({ currentTarget }) => setBdf(currentTarget.value)}>
            {functions.map(fn => (
              <option key={fn.bdf}>{fn.bdf}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Begin with
          <select
            onChange={({ currentTarget }) => setText(TEMPLATES[currentTarget.selectedIndex]!.text)}
          >
            {TEMPLATES.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <label class="field">
        Program, an operation a line
        <textarea
          rows={5}
          required
          spellcheck={false}
          aria-invalid={problem !== null}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      {problem !== null && <WrongOp problem={problem} text={text} />}
      <p class="actions">
        <button type="submit" class="button primary">
          Load and run
        </button>
        {!live.value && moment.seq < newest.value && (
          <span class="note">It runs at the end of the log, after event {newest.value}.</span>
        )}
      </p>
    </form>
  );
}

/** Without the variable that the page sent the program in, and its type: nobody wrote those. */
function withoutVariable(problem: string): string {
  return problem
    .replace(/^Variable "\$\w+" has invalid value at "[^"]+": /, '')
    .replace(/^Value "([^"]*)" does not exist in "\w+" enum\. Its values:/, '“$1” is none of');
}

/** What the server said, at the line that it is about. */
function WrongOp({ problem, text }: { problem: string; text: string }) {
  const op = opNamedIn(problem);
  const line = op === null ? undefined : parseProgram(text).lines[op];
  return (
    <div role="alert">
      <p class="bad">{withoutVariable(problem)}</p>
      {line !== undefined && (
        <p class="wrong-op">
          Operation {op}, line {line}: <code>{text.split('\n')[line - 1]}</code>
        </p>
      )}
    </div>
  );
}
