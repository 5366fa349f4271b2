/**
 * `npm run demo`: the story, run against a real server over a real WebSocket, and told layer by
 * layer. Exits with 1 if anything did not happen as told.
 */
import { parseArgs } from 'node:util';
import { type Client, createClient, type SubscribePayload } from 'graphql-ws';
import WebSocket from 'ws';
import type { Layer } from '../core/machine/event-entry.ts';
import {
  ANSWER,
  BUILD,
  FAULT,
  HANDLE,
  LOOK_BACK,
  NEST,
  STORY_MACHINE_ID,
  TAKE_BACK,
  wrapped,
} from '../graphql/story/story.ts';
import type { StoryStep } from '../graphql/story/story-step.ts';
import {
  MachineSeqDocument,
  StoryAnswerDocument,
  StoryBuildDocument,
  StoryEventsDocument,
  type StoryEventsSubscription,
  StoryFaultDocument,
  StoryHandleDocument,
  StoryLookBackDocument,
  StoryNestDocument,
  StoryTakeBackDocument,
} from '../operations/operations.ts';
import type { TypedDocument, VariablesOf } from '../operations/typed-document.ts';
import { startFaultline } from '../server/faultline.ts';

const HELP = `Usage: npm run -s demo

Tells a device's page fault and its answer in seven steps, event by event. It starts a server of its
own on a free port, keeps everything in memory, and ends. Exit code: 0, or 1 if anything did not
happen as told, 2 for wrong arguments.
`;

const WIDTH = 92;
/** Milliseconds to wait for something that must come. */
const PATIENCE_MS = 5_000;

const LAYERS: Readonly<Record<Layer, string>> = {
  USER_SPACE: 'program ',
  IOMMUFD: 'iommufd ',
  IOMMU_CORE: 'iommu   ',
  HARDWARE: 'hardware',
};

function print(text = ''): void {
  process.stdout.write(`${text}\n`);
}

function printText(text: string, indent = ''): void {
  for (const line of wrapped(text, WIDTH - indent.length)) print(indent + line);
}

/** What a subscription has sent and nobody has taken yet. */
class Inbox<Answer> {
  private readonly waiting: Answer[] = [];
  private wake: (() => void) | null = null;
  /** Ends the subscription, before what the client sends next is run. */
  readonly stop: () => void;

  constructor(client: Client, payload: SubscribePayload) {
    this.stop = client.subscribe<Answer>(payload, {
      next: ({ data, errors }) => {
        if (errors) throw new Error(errors[0]!.message);
        this.waiting.push(data!);
        this.wake?.();
      },
      error: error => {
        throw error;
      },
      complete: () => {},
    });
  }

  async take(): Promise<Answer> {
    const deadline = Date.now() + PATIENCE_MS;
    while (this.waiting.length === 0) {
      if (Date.now() > deadline) throw new Error('what the story waits for did not come');
      await new Promise<void>(resolve => {
        this.wake = resolve;
        setTimeout(resolve, PATIENCE_MS / 50);
      });
    }
    return this.waiting.shift()!;
  }
}

function subscribe<Answer, Variables extends Record<string, unknown>>(
  client: Client,
  query: TypedDocument<Answer, Variables>,
  ...[variables]: VariablesOf<Variables>
): Inbox<Answer> {
  return new Inbox(client, { query, variables: variables ?? null });
}

/** The answer; a refusal or an error ends the story. */
async function run<Answer extends object, Variables extends Record<string, unknown>>(
  client: Client,
  query: TypedDocument<Answer, Variables>,
  ...[variables]: VariablesOf<Variables>
): Promise<Answer> {
  const answers = client.iterate<Answer>({ query, variables: variables ?? null });
  for await (const { data, errors } of answers) {
    if (errors) throw new Error(errors[0]!.message);
    for (const result of Object.values(data!)) {
      const { errno, message } = (result ?? {}) as { errno?: string; message?: string };
      if (errno !== undefined) throw new Error(`${errno}: ${message}`);
    }
    return data!;
  }
  throw new Error('no answer');
}

function heading({ name, text }: StoryStep): void {
  print();
  print(name);
  printText(text, '  ');
  print();
}

/** Prints the events up to `seq` as they came over the subscription. */
async function tell(events: Inbox<StoryEventsSubscription>, seq: number): Promise<string[]> {
  const told: string[] = [];
  for (;;) {
    const { events: event } = await events.take();
    print(`    ${String(event.seq).padStart(3)}  ${LAYERS[event.layer]}  ${event.summary}`);
    told.push(event.summary);
    if (event.seq >= seq) return told;
  }
}

async function seqNow(client: Client): Promise<number> {
  const { machine } = await run(client, MachineSeqDocument, { machineId: STORY_MACHINE_ID });
  return machine.seq;
}

function expect(told: readonly string[], part: string): void {
  if (!told.some(summary => summary.includes(part))) {
    throw new Error(`the story should have told: ${part}`);
  }
}

async function demo(client: Client): Promise<void> {
  print('Faultline: a page fault of a device, answered from user space.');
  printText(
    'Each line below is one event of the log: its seq, the layer it happened in, and what changed.',
  );

  heading(BUILD);
  await run(client, StoryBuildDocument);
  const events = subscribe(client, StoryEventsDocument, { machineId: STORY_MACHINE_ID });
  await tell(events, await seqNow(client));

  heading(NEST);
  await run(client, StoryNestDocument);
  expect(await tell(events, await seqNow(client)), 'IOPF feature ON');

  heading(FAULT);
  await run(client, StoryFaultDocument);
  expect(await tell(events, await seqNow(client)), 'with 3 page requests');

  heading(HANDLE);
  const handler = subscribe(client, StoryHandleDocument);
  const { kind, iopfGroup } = (await handler.take()).iopfGroups;
  await tell(events, await seqNow(client));
  const { cookie, messages } = iopfGroup;
  const pages = messages.map(({ addr }) => addr).join(', ');
  print();
  print(`    handler <- ${kind}: cookie ${cookie}, ${messages.length} pages: ${pages}`);
  if (messages.length !== 3) throw new Error('the group should have three page requests');
  handler.stop();

  heading(ANSWER);
  await run(client, StoryAnswerDocument);
  expect(await tell(events, await seqNow(client)), 'SUCCESS');

  heading(TAKE_BACK);
  await run(client, StoryTakeBackDocument);
  const told = await tell(events, await seqNow(client));
  expect(told, 'INVALID');
  expect(told, 'IOPF feature OFF');

  heading(LOOK_BACK);
  const answer = await run(client, StoryLookBackDocument);
  print(JSON.stringify(answer, null, 2).replace(/^/gm, '    '));
  print();
  print('Run it yourself: npm start, then open the playground; its tabs are these steps.');
}

/** Returns the exit code. */
async function main(argv: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args: argv, options: { help: { type: 'boolean' } } });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
  } catch (error) {
    process.stderr.write(`demo: ${(error as Error).message.split('\n')[0]}; see --help\n`);
    return 2;
  }
  const faultline = await startFaultline({
    host: '127.0.0.1',
    port: 0,
    database: ':memory:',
    durability: 'normal',
    token: null,
  });
  const client = createClient({
    url: `${faultline.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
  });
  try {
    await demo(client);
    return 0;
  } catch (error) {
    process.stderr.write(`demo: ${(error as Error).message}\n`);
    return 1;
  } finally {
    await client.dispose();
    await faultline.stop();
  }
}

process.exitCode = await main(process.argv.slice(2));
