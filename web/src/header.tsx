/** The header: which machine, where the playhead is, and how to move it. */
import { otherKernel } from './data/compare.ts';
import { head, newest, troubleOf } from './data/head.ts';
import { shown } from './data/moments.ts';
import { goLive, goTo, goToFirst, stepEvent } from './state/go.ts';
import { openDialog } from './state/open.ts';
import { live, machine, playhead } from './state/place.ts';
import { sentenceOf } from './state/refused.ts';
import { nextTheme, theme } from './state/theme.ts';
import { grouped, kernelName } from './ui/format.ts';
import { Icon, type IconName } from './ui/icons.tsx';
import { PageLink } from './ui/page-link.tsx';

export function Header() {
  return (
    <header class="bar">
      <h1>
        <PageLink path="/">Faultline</PageLink>
      </h1>
      {machine.value !== null && (
        <>
          <p class="machine-name">
            <strong>{machine.value}</strong>
            {head.value !== null && <span>{kernelName(head.value.baseline)}</span>}
            {otherKernel.value !== null && <span>B: {kernelName(otherKernel.value)}</span>}
          </p>
          <Transport />
          <p class="sentence">{sentenceOf(shown.value)}</p>
        </>
      )}
      <div class="bar-end">
        {machine.value !== null && <TroubleButtons />}
        {machine.value !== null && <LiveButton />}
        <BarButton
          icon="commands"
          label="All commands"
          onClick={() => {
            openDialog.value = 'commands';
          }}
        />
        <BarButton icon="theme" label={`Theme: ${theme.value}`} onClick={nextTheme} />
      </div>
    </header>
  );
}

interface BarButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function BarButton({ icon, label, disabled = false, onClick }: BarButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      title={label}
      aria-disabled={disabled}
      onClick={() => {
        if (!disabled) onClick();
      }}
    >
      <Icon name={icon} />
      <span class="hidden">{label}</span>
    </button>
  );
}

function Transport() {
  const at = playhead.value ?? 0;
  const end = newest.value;
  const behind = shown.value !== null && shown.value.seq !== at;
  return (
    <div class="transport" role="toolbar" aria-label="Playhead">
      <BarButton icon="first" label="First moment" disabled={at === 0} onClick={() => goTo(0)} />
      <BarButton
        icon="previous"
        label="Event before"
        disabled={at === 0}
        onClick={() => stepEvent(-1)}
      />
      <p class="position">
        <strong>{grouped(at)}</strong> of {grouped(end)}
        {behind && <span class="behind"> showing {grouped(shown.value?.seq ?? 0)}</span>}
      </p>
      <BarButton icon="next" label="Next event" disabled={at >= end} onClick={() => stepEvent(1)} />
      <BarButton icon="last" label="Newest moment" disabled={at >= end} onClick={() => goTo(end)} />
    </div>
  );
}

/** Where a machine went wrong first: shown if it did. */
function TroubleButtons() {
  if (head.value === null) return null;
  const trouble = troubleOf(head.value);
  return (['hazard', 'refusal'] as const).map(kind => {
    const mark = trouble[kind];
    if (mark === undefined) return null;
    return (
      <button
        key={kind}
        type="button"
        class="live"
        title={`${mark.name}: ${mark.note}`}
        onClick={() => goToFirst(kind)}
      >
        <span class={`mark-icon ${mark.kind.toLowerCase()}`}>
          <Icon name={kind === 'hazard' ? 'hazard' : 'refused'} />
        </span>
        first {kind}
      </button>
    );
  });
}

function LiveButton() {
  const waiting = newest.value - (playhead.value ?? 0);
  return (
    <button type="button" class="live" aria-pressed={live.value} onClick={goLive}>
      <Icon name="live" /> Live
      {!live.value && waiting > 0 && <span class="count">{grouped(waiting)} newer</span>}
    </button>
  );
}
