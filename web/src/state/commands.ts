/** Every command of the page: its name, its keys, what it does. The one list of them. */
import { newest } from '../data/head.ts';
import { goLive, goTo, stepEvent, stepOperation, stepTrouble } from './go.ts';
import { commandsOpen } from './open.ts';
import { playhead, tab, table, view } from './place.ts';
import { select } from './select.ts';
import { nextTheme } from './theme.ts';
import { pan, viewNow, zoom } from './view.ts';

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

function focusRegion(id: string): void {
  document.getElementById(id)?.focus();
}

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
  { id: 'unselect', name: 'Select nothing', keys: ['Escape'], run: () => select(null) },
  { id: 'theme', name: 'Next theme', keys: [], run: nextTheme },
  {
    id: 'commands',
    name: 'All commands',
    keys: ['ctrl+k'],
    run: () => {
      commandsOpen.value = true;
    },
  },
];
