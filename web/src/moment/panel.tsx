/** The region at the right: the moment, and what else is asked of the machine. */

import { head } from '../data/head.ts';
import type { Moment } from '../data/moments.ts';
import { TABS, type Tab } from '../state/address.ts';
import { tab } from '../state/place.ts';
import { later } from '../ui/later.ts';
import { MomentTab } from './moment-tab.tsx';

const LogTab = later(async () => (await import('./log-tab.tsx')).LogTab);
const FindTab = later(async () => (await import('./find-tab.tsx')).FindTab);
const TrailTab = later(async () => (await import('./trail-tab.tsx')).TrailTab);
const CompareTab = later(async () => (await import('./compare-tab.tsx')).CompareTab);
const HandlerTab = later(async () => (await import('./handler-tab.tsx')).HandlerTab);
const HardwareTab = later(async () => (await import('../hardware/hardware-tab.tsx')).HardwareTab);

const NAMES: Readonly<Record<Tab, string>> = {
  moment: 'Moment',
  log: 'Log',
  find: 'Find',
  trail: 'Trail',
  compare: 'Compare',
  handler: 'Handler',
  hardware: 'Hardware',
};

export function showTab(name: Tab): void {
  tab.value = name;
}

/** Only machines with hardware have a tab for it; an address can show it all the same. */
function tabsNow(): readonly Tab[] {
  const has = tab.value === 'hardware' || (head.value?.iommus.length ?? 0) > 0;
  return has ? TABS : TABS.filter(name => name !== 'hardware');
}

function Tabs() {
  const tabs = tabsNow();
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = tabs[(tabs.indexOf(tab.value) + by + tabs.length) % tabs.length]!;
    showTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="What of the moment">
      {tabs.map(name => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={tab.value === name}
          aria-controls="tab-panel"
          tabIndex={tab.value === name ? 0 : -1}
          onClick={() => showTab(name)}
          onKeyDown={move}
        >
          {NAMES[name]}
        </button>
      ))}
    </div>
  );
}

export function Panel({ moment }: { moment: Moment | null }) {
  return (
    <section class="region panel" id="moment" tabIndex={-1} aria-label="Moment">
      <Tabs />
      <div
        class="tab-panel"
        role="tabpanel"
        id="tab-panel"
        aria-labelledby={`tab-${tab.value}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by key
        tabIndex={0}
      >
        <h2 class="hidden">{NAMES[tab.value]}</h2>
        {moment !== null && <TabContent moment={moment} />}
      </div>
    </section>
  );
}

function TabContent({ moment }: { moment: Moment }) {
  switch (tab.value) {
    case 'moment':
      return <MomentTab moment={moment} />;
    case 'log':
      return <LogTab machine={moment.machine} />;
    case 'find':
      return <FindTab />;
    case 'trail':
      return <TrailTab />;
    case 'compare':
      return <CompareTab moment={moment} />;
    case 'handler':
      return <HandlerTab />;
    case 'hardware':
      return <HardwareTab moment={moment} />;
  }
}
