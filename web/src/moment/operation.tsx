/** An operation: how it ended, its events, its arguments, and what the kernel ran. */
import type { MomentOperation } from '../data/moments.ts';
import { EventRows } from '../ui/event-rows.tsx';
import { valueText } from '../ui/format.ts';

interface OperationProps {
  readonly operation: MomentOperation;
  readonly at: number;
  /** The arguments are shown, too. */
  readonly open?: boolean;
}

export function Operation({ operation, at, open = false }: OperationProps) {
  const { number, command, errno, refusal, events } = operation;
  return (
    <section>
      <h3>
        Operation {number}: {command}{' '}
        {errno === null ? <span class="good">✓ success</span> : <span class="bad">✕ {errno}</span>}
      </h3>
      {refusal !== null && <p class="refusal">{refusal}</p>}
      <EventRows events={events} at={at} />
      <Arguments operation={operation} open={open} />
      <Trace operation={operation} />
    </section>
  );
}

function Arguments({ operation, open }: Omit<OperationProps, 'at'>) {
  const given = Object.entries(operation.arguments ?? {});
  if (given.length === 0) return null;
  return (
    <details open={open}>
      <summary>Arguments ({given.length})</summary>
      <dl class="facts">
        {given.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{valueText(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const isRefusal = (returned: string) => /^E[A-Z0-9]+$/.test(returned);

function Trace({ operation }: { operation: MomentOperation }) {
  const { trace } = operation;
  if (trace.length === 0) return null;
  // Its callers hand on what it decided.
  const here = trace.find(({ rule }) => rule !== null);
  return (
    <>
      <h4>Kernel functions</h4>
      <ol class="trace">
        {trace.map((step, index) => (
          <li
            key={index}
            class={isRefusal(step.returned) ? 'refused' : ''}
            style={{ paddingInlineStart: `${Math.min(step.depth, 12) * 14}px` }}
          >
            <code>{step.function}</code> <span class="returned">→ {step.returned}</span>
            {step === here && <strong class="here"> here</strong>}
          </li>
        ))}
      </ol>
    </>
  );
}
