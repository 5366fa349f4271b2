/** The hardware of the moment, in views of which one is shown. */
import type { FunctionComponent } from 'preact';
import { head } from '../data/head.ts';
import type { Moment } from '../data/moments.ts';
import { PARTS, type Part } from '../state/address.ts';
import { part } from '../state/place.ts';
import { later } from '../ui/later.ts';
import { Caches } from './caches.tsx';
import { Dmas } from './dmas.tsx';
import './hardware.css';
import { Queues } from './queues.tsx';

type View = FunctionComponent<{ readonly moment: Moment }>;

const Programs: View = later(async () => (await import('./programs.tsx')).Programs);
const Tables: View = later(async () => (await import('./tables.tsx')).Tables);

const NAMES: Readonly<Record<Part, string>> = {
  dmas: 'DMAs',
  queues: 'Queues',
  caches: 'Caches',
  programs: 'Programs',
  tables: 'Guest tables',
};

const VIEWS: Readonly<Record<Part, View>> = {
  dmas: Dmas,
  queues: Queues,
  caches: Caches,
  programs: Programs,
  tables: Tables,
};

export function HardwareTab({ moment }: { moment: Moment }) {
  if (head.value?.iommus.length === 0) return <NoHardware />;
  const View = VIEWS[part.value];
  return (
    <div class="hardware-views">
      <fieldset class="parts">
        <legend class="hidden">What of the hardware</legend>
        {PARTS.map(name => (
          <button
            key={name}
            type="button"
            class="small"
            aria-pressed={part.value === name}
            onClick={() => {
              part.value = name;
            }}
          >
            {NAMES[name]}
          </button>
        ))}
      </fieldset>
      {isThere(moment) ? (
        <View moment={moment} />
      ) : (
        <p class="note">
          At this moment there is no IOMMU yet: press <kbd>End</kbd> for the newest.
        </p>
      )}
    </div>
  );
}

function isThere({ graph }: Moment): boolean {
  return graph.nodes.some(({ kind, changed }) => kind === 'IOMMU' && changed !== 'WENT');
}

function NoHardware() {
  return (
    <p class="note">
      This machine has no hardware that acts: its page requests are sent by command. A machine made
      with <code>iommus</code> has IOMMUs whose queues and caches are here, and devices that run
      programs. <kbd>m</kbd> leads back to the moment.
    </p>
  );
}
