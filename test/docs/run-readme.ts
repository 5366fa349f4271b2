/**
 * Runs the README and then docs/REFERENCE.md from its first block to its last, against a server that its own `npm start`
 * started. Rules:
 *
 * - `sh` runs as it stands. One that starts a second server is what the rest of its section meets.
 * - `graphql` is sent: queries and mutations over HTTP, a subscription over a WebSocket. A
 *   subscription, and a `js` script, end with their section.
 *   What a `js` script imports of the package comes from its sources, which need no build.
 * - `json` is the reply of the block before it; where that has been shown, the next message of the
 *   section's subscription. After `sh` it is what the command printed.
 * - `text` is part of what the last `sh` or `js` printed.
 */
import { dirname } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Block } from './markdown.ts';
import { Running } from './process.ts';

/** The pages, in the order in which they run. */
export const RUN_PAGES = ['README.md', 'docs/REFERENCE.md'];
/** The address they write; the server under test listens on another port. */
export const WRITTEN_ADDRESS = '127.0.0.1:4000';
/** The folder the README writes for databases and what is made of them; the test has its own. */
const WRITTEN_FOLDER = / data\//g;
/** The README's database, in that folder. */
export const DATABASE = 'faultline.sqlite';
/** Cannot run inside themselves; readme.test.ts says what is checked instead. */
export const NOT_RUN = ['npm ci && npm test'];

/** What a `json` or `text` block should show. */
export type Shown = { readonly json: unknown } | { readonly printed: string };

type Reply = Promise<unknown>;

export class ReadmeRun {
  readonly shown = new Map<Block, Shown>();
  private readonly database: string;
  private server: Running | null = null;
  /** Host and port of the server that answers now. */
  private address = '';
  private second: Running | null = null;
  private script: Running | null = null;
  private lastPrinter: Running | null = null;
  private reply: Reply | null = null;
  private client: Client | null = null;
  private messages: AsyncIterableIterator<unknown> | null = null;

  /** `database` is a file that does not exist yet. */
  constructor(database: string) {
    this.database = database;
  }

  async run(blocks: readonly Block[]): Promise<void> {
    await this.startServer();
    let section = '';
    for (const block of blocks) {
      const its = `${block.page} ${block.section}`;
      if (its !== section) await this.endSection();
      section = its;
      try {
        await this.runBlock(block);
      } catch (error) {
        throw new Error(`${block.page}:${block.line}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
    await this.endSection();
  }

  async stop(): Promise<void> {
    await this.script?.stop();
    await this.second?.stop();
    await this.client?.dispose();
    await this.server?.stop();
  }

  private async startServer(): Promise<void> {
    this.server = new Running('npm start', { env: { PORT: '0', DATABASE: this.database } });
    this.address = await addressOf(this.server);
  }

  private async endSection(): Promise<void> {
    await this.script?.stop();
    this.script = null;
    await this.messages?.return?.();
    this.messages = null;
    if (this.second !== null) {
      await this.second.stop();
      this.second = null;
      this.address = await addressOf(this.server!);
    }
    // Comes after the end of the subscription on the same socket, so that is over when it returns.
    if (this.client !== null) {
      for await (const _ of this.client.iterate({ query: '{ __typename }' })) break;
    }
  }

  private async runBlock(block: Block): Promise<void> {
    const { language, text } = block;
    switch (language) {
      case 'sh':
        return this.runShell(text);
      case 'js':
        this.script = new Running('node --input-type=module', {
          input: withSources(this.here(text)),
        });
        this.lastPrinter = this.script;
        return;
      case 'graphql':
        return this.send(text);
      case 'json':
        this.shown.set(block, { json: await this.nextReply() });
        return;
      case 'text':
        this.shown.set(block, { printed: await this.printed(text) });
        return;
      default:
        throw new Error(`a block in "${language}" cannot be run`);
    }
  }

  private async runShell(text: string): Promise<void> {
    if (text === 'npm ci && npm start') {
      this.lastPrinter = this.server;
      return;
    }
    if (NOT_RUN.includes(text)) return;
    const starts = /npm start/.test(text);
    const env = starts ? { PORT: '0', DATABASE: ':memory:' } : {};
    const command = new Running(this.here(text), { env });
    this.lastPrinter = command;
    if (starts) {
      this.second = command;
      this.address = await addressOf(command);
      return;
    }
    const output = await command.done();
    this.reply = new Promise(resolve => resolve(JSON.parse(output)));
    this.reply.catch(() => {});
  }

  private async send(query: string): Promise<void> {
    if (/^\s*subscription\b/.test(query)) {
      this.client ??= createClient({
        url: `ws://${this.address}/graphql`,
        webSocketImpl: WebSocket,
      });
      this.messages = this.client.iterate({ query });
      this.reply = null;
      return;
    }
    const response = await fetch(`http://${this.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    this.reply = response.json();
  }

  private async nextReply(): Promise<unknown> {
    if (this.reply !== null) {
      const reply = await this.reply;
      this.reply = null;
      return reply;
    }
    if (this.messages === null) throw new Error('there is no reply to show');
    const { value, done } = await this.messages.next();
    if (done) throw new Error('the subscription has ended');
    return value;
  }

  /** What was printed, once `text` is part of it or does not come. */
  private async printed(text: string): Promise<string> {
    if (this.lastPrinter === null) throw new Error('nothing has printed yet');
    await this.lastPrinter.printed(this.here(text)).catch(() => {});
    return this.lastPrinter.output.replaceAll(this.address, WRITTEN_ADDRESS);
  }

  private here(text: string): string {
    const folder = ` ${dirname(this.database)}/`;
    return text.replaceAll(WRITTEN_ADDRESS, this.address).replaceAll(WRITTEN_FOLDER, folder);
  }
}

/** The script with the package's entries as this project has them. */
function withSources(script: string): string {
  return script
    .replace(/ from 'faultline\/client'/, " from './src/client/index.ts'")
    .replace(/ from 'faultline'/, " from './src/index.ts'");
}

/** Where a server listens, once it says so. */
async function addressOf(server: Running): Promise<string> {
  await server.printed('durability');
  return /http:\/\/(\S+:\d+)/.exec(server.output)![1]!;
}
