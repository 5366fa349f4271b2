/** Every command of the page: its name, its keys, what it does. The one list of them. */
import { newest } from '../data/head.ts';
import { wordsOf } from '../data/server.ts';
import { PARTS, type Tab } from './address.ts';
import { tell } from './announce.ts';
import { setOther, swapOther } from './compare.ts';
import { goLive, goTo, goToFirst, stepEvent, stepOperation, stepTrouble } from './go.ts';
import { notice } from './notice.ts';
import { type DialogName, openDialog, wantsFocus } from './open.ts';
import { togglePin } from './pins.ts';
import { field, part, playhead, selected, tab, table, view } from './place.ts';
import { select } from './select.ts';
import { stepStage } from './stage.ts';
import { nextTheme } from './theme.ts';
import { nextAxis, pan, viewNow, zoom } from './view.ts';
import { goToCause } from './why.ts';

export interface Command {
  readonly id: string;
  readonly name: string;
  /** As `keyOf` writes them: `shift+ArrowLeft`, `w`, `ctrl+k`. */
  readonly keys: readonly string[];
  readonly run: () => void;
}

function page(by: -1 | 1): void {
  const { from, to } = viewNow();
  goTo((playhead.peek() ?? 0) + by * Math.max(Math.round((to - from) / 10), 1));
}

function show(name: DialogName): void {
  openDialog.value = name;
}

function pinSelected(): void {
  const key = selected.peek();
  if (key !== null) togglePin({ key, field: field.peek() });
  else tell('Nothing is selected.');
}

/** To the hardware, or from one view of it to the next. */
function nextPart(): void {
  if (tab.peek() === 'hardware') {
    part.value = PARTS[(PARTS.indexOf(part.peek()) + 1) % PARTS.length]!;
  }
  tab.value = 'hardware';
}

function focusTab(name: Tab, id: string): void {
  tab.value = name;
  wantsFocus.value = id;
}

function focusRegion(id: string): void {
  document.getElementById(id)?.focus();
}

/** What a command runs of a part of the page that comes when it is first needed. */
const later =
  <Part>(load: () => Promise<Part>) =>
  (act: (part: Part) => unknown) =>
  () => {
    load()
      .then(act)
      .catch(error => {
        notice.value = wordsOf(error);
      });
  };

const find = later(() => import('./find.ts'));
const handler = later(() => import('./handler.ts'));

export const COMMANDS: readonly Command[] = [
  { id: 'event-back', name: 'Event before', keys: ['ArrowLeft'], run: () => stepEvent(-1) },
  { id: 'event-on', name: 'Next event', keys: ['ArrowRight'], run: () => stepEvent(1) },
  {
    id: 'operation-back',
    name: 'Operation before',
    keys: ['shift+ArrowLeft'],
    run: () => stepOperation(-1),
  },
  {
    id: 'operation-on',
    name: 'Next operation',
    keys: ['shift+ArrowRight'],
    run: () => stepOperation(1),
  },
  { id: 'trouble-back', name: 'Refusal or hazard before', keys: ['{'], run: () => stepTrouble(-1) },
  { id: 'trouble-on', name: 'Next refusal or hazard', keys: ['}'], run: () => stepTrouble(1) },
  { id: 'first-hazard', name: 'First hazard', keys: [], run: () => goToFirst('hazard') },
  { id: 'first-refusal', name: 'First refusal', keys: [], run: () => goToFirst('refusal') },
  { id: 'start', name: 'First moment', keys: ['Home'], run: () => goTo(0, 'jump') },
  { id: 'end', name: 'Newest moment', keys: ['End'], run: () => goTo(newest.peek(), 'jump') },
  { id: 'page-back', name: 'A tenth of the view back', keys: ['PageUp'], run: () => page(-1) },
  { id: 'page-on', name: 'A tenth of the view on', keys: ['PageDown'], run: () => page(1) },
  { id: 'zoom-in', name: 'Zoom in', keys: ['+', '='], run: () => zoom(0.5) },
  { id: 'zoom-out', name: 'Zoom out', keys: ['-'], run: () => zoom(2) },
  {
    id: 'zoom-all',
    name: 'Whole machine in view',
    keys: ['0'],
    run: () => {
      view.value = null;
    },
  },
  { id: 'pan-left', name: 'Pan left', keys: ['a'], run: () => pan(-0.25) },
  { id: 'pan-right', name: 'Pan right', keys: ['d'], run: () => pan(0.25) },
  { id: 'axis', name: 'Timeline by event or by time', keys: ['x'], run: nextAxis },
  { id: 'why', name: 'Why is it so', keys: ['w'], run: () => void goToCause(false) },
  { id: 'why-before', name: 'Cause before that', keys: ['W'], run: () => void goToCause(true) },
  { id: 'stage-back', name: 'Stage before, of a group', keys: ['['], run: () => stepStage(-1) },
  { id: 'stage-on', name: 'Next stage of a group', keys: [']'], run: () => stepStage(1) },
  { id: 'compare', name: 'Set B here and compare', keys: ['c'], run: setOther },
  { id: 'swap', name: 'Swap A and B', keys: ['v'], run: () => void swapOther() },
  { id: 'fork', name: 'Fork, or what if', keys: ['f'], run: () => show('fork') },
  {
    id: 'redrive',
    name: 'Run my handler against this past',
    keys: [],
    run: () => show('redrive'),
  },
  { id: 'bookmark', name: 'Bookmark this moment', keys: ['b'], run: () => show('bookmark') },
  { id: 'pin', name: 'Watch what is selected', keys: ['p'], run: pinSelected },
  { id: 'goto', name: 'Go to a moment', keys: ['g'], run: () => show('goto') },
  { id: 'find', name: 'Find in the log', keys: ['/'], run: () => focusTab('find', 'find-text') },
  { id: 'find-on', name: 'Next found', keys: ['n'], run: find(({ goToHit }) => goToHit(1)) },
  { id: 'find-back', name: 'Found before', keys: ['N'], run: find(({ goToHit }) => goToHit(-1)) },
  {
    id: 'handle',
    name: 'Handle faults, or stop',
    keys: ['h'],
    run: handler(({ toggleHandling }) => toggleHandling()),
  },
  {
    id: 'group-on',
    name: 'Next group in hand',
    keys: ['j'],
    run: handler(({ choose }) => choose(1)),
  },
  {
    id: 'group-back',
    name: 'Group in hand before',
    keys: ['k'],
    run: handler(({ choose }) => choose(-1)),
  },
  {
    id: 'success',
    name: 'Answer SUCCESS',
    keys: ['s'],
    run: handler(({ answer }) => answer('SUCCESS')),
  },
  {
    id: 'invalid',
    name: 'Answer INVALID',
    keys: ['i'],
    run: handler(({ answer }) => answer('INVALID')),
  },
  { id: 'live', name: 'Follow the end, live', keys: ['l'], run: goLive },
  { id: 'to-timeline', name: 'To the timeline', keys: ['1'], run: () => focusRegion('timeline') },
  {
    id: 'to-machine',
    name: 'To the machine; again: graph or table',
    keys: ['2'],
    run: () => {
      const there = document.activeElement?.id === 'machine';
      if (there) table.value = !table.value;
      focusRegion('machine');
    },
  },
  { id: 'to-moment', name: 'To the moment', keys: ['3'], run: () => focusRegion('moment') },
  {
    id: 'moment-tab',
    name: 'Show the moment',
    keys: ['m'],
    run: () => {
      tab.value = 'moment';
    },
  },
  ...(['log', 'trail'] as const).map(name => ({
    id: `${name}-tab`,
    name: `Show the ${name}`,
    keys: [],
    run: () => {
      tab.value = name;
    },
  })),
  {
    id: 'hardware-tab',
    name: 'Show the hardware; again: its next view',
    keys: ['H'],
    run: nextPart,
  },
  { id: 'unselect', name: 'Select nothing', keys: ['Escape'], run: () => select(null) },
  { id: 'keys', name: 'Keys', keys: ['?'], run: () => show('keys') },
  { id: 'theme', name: 'Next theme', keys: [], run: nextTheme },
  {
    id: 'commands',
    name: 'All commands',
    keys: ['ctrl+k'],
    run: () => show('commands'),
  },
];
