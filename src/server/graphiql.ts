import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type ServedFile, sendFile, servedFile } from './answer/file.ts';
import { PLAYGROUND_SCRIPT, PLAYGROUND_STYLE } from './playground-script.ts';

/** An example operation, shown as a tab of the playground. */
export interface PlaygroundTab {
  /** A short line, put above the operation; the tab itself bears the operation's name. */
  name: string;
  query: string;
  /** The entry of the menu that leads to it; those of one story follow one another. */
  story?: string;
  /** JSON text of an object. */
  variables?: string;
}

export interface PlaygroundOptions {
  title: string;
  tabs: readonly PlaygroundTab[];
}

/**
 * What the page may do: it runs its own inlined code and talks to its own server, nothing else, so
 * that it works offline and leaks nothing. Other pages cannot frame it, or they could trick a click
 * on its run button.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  "style-src 'unsafe-inline'",
  'worker-src blob:',
  'img-src data:',
  'font-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * On a first visit the tab bar's animation leaves a transform on the tabs, and they do not take the
 * first click.
 */
const TABS_STYLE = '.graphiql-tab{transform:none !important}';

/** Where a person puts the token: GraphiQL sends the JSON object of its Headers editor. */
const TOKEN_HEADERS = JSON.stringify({ authorization: 'Bearer YOUR_TOKEN' }, null, 2);
const TOKEN_NOTE = `# This server needs its token:
# put it into "Headers" below, then fetch
# the schema again (arrows at the left).
`;

/**
 * The answer to opening `/graphql` in a browser. The page holds all of GraphiQL (9 MB, 2 MB packed)
 * and is made at the first request, because most servers never show it. The token is never in it.
 */
export function createPlayground(options: PlaygroundOptions, needsToken: boolean) {
  let page: Promise<ServedFile> | undefined;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    page ??= renderPage(options, needsToken);
    const file = await page;
    response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cache-control', 'no-cache');
    sendFile(request, response, file, 'accept, accept-encoding');
  };
}

/** Tabs by the entry of the menu that leads to them. */
function storiesOf(tabs: readonly PlaygroundTab[], needsToken: boolean) {
  const named = Map.groupBy(tabs, ({ story }) => story ?? 'Examples');
  return [...named].map(([name, its]) => ({
    name,
    tabs: its.map(tab => ({
      query: `${needsToken ? TOKEN_NOTE : ''}# ${tab.name}\n${tab.query}`,
      variables: tab.variables ?? null,
      headers: needsToken ? TOKEN_HEADERS : null,
    })),
  }));
}

/**
 * GraphiQL brings a history, which the renderer leaves out as it names the explorer alone; settings
 * are JSON and cannot name a plugin. Throws if the renderer's code is another by now.
 */
function withHistory(page: string): string {
  const [, history] = /\b(\w+)=\{title:"History",icon:/.exec(page) ?? [];
  const alone = /plugins:\[(\w+)\],schemaDescription:/;
  if (history === undefined || !alone.test(page)) {
    throw new Error('@graphql-yoga/render-graphiql is not the version this was made for');
  }
  return page.replace(alone, `plugins:[${history},$1],schemaDescription:`);
}

async function renderPage(options: PlaygroundOptions, needsToken: boolean): Promise<ServedFile> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const settings = {
    // The renderer puts the title into the page as it is.
    title: options.title.replace(/[&<]/g, c => (c === '&' ? '&amp;' : '&lt;')),
    // Server-sent events, because they carry the headers of the Headers editor, the token among them.
    subscriptionsProtocol: 'SSE' as const,
    ...(needsToken && { defaultHeaders: TOKEN_HEADERS }),
    stories: storiesOf(options.tabs, needsToken),
  };
  // The renderer puts the settings into a script as they are; "</script>" in a query would end it.
  const json = JSON.stringify(settings);
  const safe = json.replaceAll('<', '\\u003c');
  const page = withHistory((await renderGraphiQL(settings)).replace(json, () => safe));
  const head = `<style>${PLAYGROUND_STYLE}${TABS_STYLE}</style></head>`;
  const call = page.lastIndexOf('YogaGraphiQL.renderYogaGraphiQL(');
  const scripted = page.slice(0, call) + PLAYGROUND_SCRIPT + page.slice(call);
  const html = Buffer.from(scripted.replace('</head>', () => head));
  return servedFile('text/html; charset=utf-8', html, await promisify(gzip)(html));
}
