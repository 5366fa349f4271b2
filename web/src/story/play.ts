/** Plays the story: a step happens, the playhead walks through its events, the caption is read. */
import { forgetMachines, newest } from '../data/head.ts';
import { wordsOf } from '../data/server.ts';
import { announce } from '../state/announce.ts';
import { goLive, goTo, openMachine } from '../state/go.ts';
import { handling, queuesOf, startHandling } from '../state/handler.ts';
import { notice } from '../state/notice.ts';
import { playhead, pushPlace, selected, tab, view } from '../state/place.ts';
import { playing } from './playing.ts';
import { STORY_MACHINE, STORY_STEPS } from './steps.ts';

/** How long an event is shown while the playhead walks, and how long a caption stays. */
const EVENT_MS = 320;
const CAPTION_MS = 4_500;
/** How often it is looked whether somebody paused, went on or left. */
const LOOK_MS = 50;

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

/** Each playing has a number, so that one that was left does not go on. */
let no = 0;
let goOn = false;

/** Goes on to the next step now. */
export function nextStep(): void {
  goOn = true;
}

export function togglePause(): void {
  const now = playing.peek();
  if (now !== null) playing.value = { ...now, paused: !now.paused };
}

export function leaveStory(): void {
  no += 1;
  playing.value = null;
}

/** Walks to the newest event, one after another; at once for who wants less motion. */
async function walk(mine: number): Promise<void> {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  while (mine === no && (playhead.peek() ?? 0) < newest.peek()) {
    if (goOn || still) {
      goTo(newest.peek());
      return;
    }
    if (!playing.peek()?.paused) goTo((playhead.peek() ?? 0) + 1);
    await sleep(EVENT_MS);
  }
}

async function readCaption(mine: number): Promise<void> {
  let left = CAPTION_MS;
  while (mine === no && left > 0 && !goOn) {
    await sleep(LOOK_MS);
    if (!playing.peek()?.paused) left -= LOOK_MS;
  }
}

/** Waits until the followed log has come to what a step wrote. */
async function caughtUp(before: number): Promise<void> {
  for (let looks = 0; newest.peek() === before && looks < 200; looks += 1) await sleep(LOOK_MS / 2);
  await sleep(LOOK_MS);
}

async function tell(mine: number, step: number): Promise<void> {
  const { run, title, caption } = STORY_STEPS[step]!;
  playing.value = { step, paused: playing.peek()?.paused ?? false, told: false };
  goOn = false;
  announce(`Step ${step + 1} of ${STORY_STEPS.length}: ${title}. ${caption}`);
  const before = newest.peek();
  await run();
  if (step === 0) {
    forgetMachines();
    await openMachine(STORY_MACHINE);
    goTo(0);
  } else await caughtUp(before);
  await walk(mine);
  const now = playing.peek();
  if (mine === no && now !== null) playing.value = { ...now, told: true };
}

/** Makes the machine `story` anew and tells the story on it; the last step is the person's. */
export async function playStory(): Promise<void> {
  no += 1;
  const mine = no;
  pushPlace();
  selected.value = null;
  view.value = null;
  tab.value = 'moment';
  newest.value = 0;
  try {
    for (let step = 0; step < STORY_STEPS.length && mine === no; step += 1) {
      await tell(mine, step);
      if (step < STORY_STEPS.length - 1) await readCaption(mine);
    }
    if (mine !== no) return;
    tab.value = 'handler';
    // What the person's answer does is seen at once.
    goLive();
    const [queue] = queuesOf();
    if (queue !== undefined && handling.peek() === null) startHandling(queue);
  } catch (error) {
    leaveStory();
    notice.value = wordsOf(error);
  }
}
