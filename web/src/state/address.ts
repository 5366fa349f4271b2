/** An address and what it says, both ways: `/m/story/28?sel=FAULT:1:4&tab=log`. */

export const TABS = ['moment', 'log', 'find', 'trail', 'compare', 'handler', 'hardware'] as const;
export type Tab = (typeof TABS)[number];

/** Views of the tab `hardware`. */
export const PARTS = ['dmas', 'queues', 'caches', 'programs', 'tables'] as const;
export type Part = (typeof PARTS)[number];

/**
 * A moment of a machine as people name it: `28`, `op12`, `refused-23`, a bookmark, `now`; null where
 * none is named, which opens on the first trouble.
 */
export interface Spot {
  readonly machine: string;
  readonly moment: string | null;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What the timeline's width stands for. */
export type Axis = 'step' | 'time';

export interface Address {
  /** null: the list of machines. */
  readonly spot: Spot | null;
  /** The selected object's key. */
  readonly selected: string | null;
  /** The field of it that is asked about. */
  readonly field: string | null;
  /** What is compared with. */
  readonly other: Spot | null;
  /** The seqs in view; null for all of them. */
  readonly view: Range | null;
  readonly axis: Axis;
  readonly tab: Tab;
  readonly part: Part;
  /** The history of the moment, in its first hex digits: a link can be of another one. */
  readonly hash: string | null;
  /** The objects as a table in place of the graph. */
  readonly table: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether it can be the name of a machine or of a moment. */
export const isName = (text: string) => NAME.test(text);

function spotOf(machine: string | undefined, moment: string | undefined): Spot | null {
  if (machine === undefined || !isName(machine)) return null;
  return { machine, moment: moment !== undefined && isName(moment) ? moment : null };
}

/** What is not understood is left out, so that an old or a mistyped address still opens. */
export function parseAddress(url: URL): Address {
  const [, room, machine, moment] = url.pathname.split('/');
  const query = url.searchParams;
  const [otherMachine, otherMoment] = query.get('b')?.split('@') ?? [];
  const range = /^(\d{1,9})\.\.(\d{1,9})$/.exec(query.get('view') ?? '');
  const tab = TABS.find(name => name === query.get('tab'));
  const [hash = null] = /^[0-9a-f]{8}$/.exec(query.get('h') ?? '') ?? [];
  return {
    hash,
    spot: room === 'm' ? spotOf(machine, moment) : null,
    selected: query.get('sel'),
    field: query.get('field'),
    other: spotOf(otherMachine, otherMoment),
    view: range === null ? null : { from: Number(range[1]), to: Number(range[2]) },
    axis: query.get('axis') === 'time' ? 'time' : 'step',
    tab: tab ?? 'moment',
    part: PARTS.find(name => name === query.get('part')) ?? PARTS[0],
    table: query.get('as') === 'table',
  };
}

export function formatAddress(address: Address): string {
  if (address.spot === null) return '/';
  const query = new URLSearchParams();
  if (address.selected !== null) query.set('sel', address.selected);
  if (address.field !== null) query.set('field', address.field);
  if (address.other !== null)
    query.set('b', `${address.other.machine}@${address.other.moment ?? 'now'}`);
  if (address.view !== null) query.set('view', `${address.view.from}..${address.view.to}`);
  if (address.axis !== 'step') query.set('axis', address.axis);
  if (address.tab !== 'moment') query.set('tab', address.tab);
  if (address.tab === 'hardware' && address.part !== PARTS[0]) query.set('part', address.part);
  if (address.table) query.set('as', 'table');
  if (address.hash !== null) query.set('h', address.hash);
  // Keys and ranges stay readable: these need no escape in a query.
  const text = query.toString().replaceAll('%3A', ':').replaceAll('%40', '@');
  const { machine, moment } = address.spot;
  return `/m/${machine}/${moment ?? ''}${text === '' ? '' : `?${text}`}`;
}
