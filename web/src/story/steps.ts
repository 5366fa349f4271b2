/** The story in seven steps: what is sent, and what is said meanwhile. */
import {
  StoryAnswerDocument,
  StoryBuildDocument,
  StoryFaultDocument,
  StoryHandleDocument,
  StoryNestDocument,
  StoryTakeBackDocument,
} from '../../../src/operations/operations.ts';
import type { TypedDocument } from '../../../src/operations/typed-document.ts';
import { change, follow } from '../data/server.ts';
import { StoryYourTurnDocument } from '../later-documents.ts';

export const STORY_MACHINE = 'story';

export interface StoryStep {
  readonly title: string;
  readonly caption: string;
  /** Makes it happen. Errors: what the kernel refused, those of `change`. */
  readonly run: () => Promise<void>;
}

/** An Error if the kernel refused any of it: then the story is not what is told. */
function checkUnrefused(answer: object): void {
  for (const result of Object.values(answer) as ({ errno?: string; message?: string } | null)[]) {
    if (result?.errno !== undefined) throw new Error(`${result.errno}: ${result.message}`);
  }
}

const sends =
  <Answer extends object>(document: TypedDocument<Answer, Record<string, never>>) =>
  async () =>
    checkUnrefused(await change(document, {}));

/** A handler subscribes, gets the group that waits, and leaves: the group stays read. */
function readOnce(): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = follow(StoryHandleDocument, {}, () => {
      sent.end();
      resolve();
    });
    sent.done.catch(reject);
  });
}

export const STORY_STEPS: readonly StoryStep[] = [
  {
    title: 'A program takes a device over',
    caption:
      'It opens /dev/iommu, makes an address space (IOAS) and a page table (hwpt), and attaches the device to it. Each box is an object of the kernel, each arrow a reference.',
    run: sends(StoryBuildDocument),
  },
  {
    title: 'The device moves to a page table of its guest',
    caption:
      'A fault queue, and a nested hwpt whose faults go there. From now on the device may ask for pages that are missing.',
    run: sends(StoryNestDocument),
  },
  {
    title: 'The device faults',
    caption:
      'Three page requests with one group index. They wait for the last of them; then the kernel queues them as one iopf group.',
    run: sends(StoryFaultDocument),
  },
  {
    title: 'A fault handler reads the group',
    caption: 'The group leaves the queue and gets a cookie, by which it will be answered.',
    run: readOnce,
  },
  {
    title: 'It answers: SUCCESS',
    caption:
      'The pages are there now. The answer goes back to the device, and the group is gone. In the timeline it is one bar, from its first request to its answer.',
    run: sends(StoryAnswerDocument),
  },
  {
    title: 'The device is taken back too early',
    caption:
      'Another fault waits, and the program moves the device off the table. The kernel takes the group away and answers INVALID itself: nobody else will.',
    run: sends(StoryTakeBackDocument),
  },
  {
    title: 'Your turn',
    caption:
      'The device is back, and asks for one more page. You are its handler: press s for SUCCESS or i for INVALID, or use the buttons at the right.',
    run: sends(StoryYourTurnDocument),
  },
];
