import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Running, raw, start } from './testing.ts';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** The settings the page hands to GraphiQL. */
function settings(html: string): Record<string, unknown> {
  const [, json] = /querySelector\('#root'\),\s*(\{.*\}),\s*\);/.exec(html) ?? [];
  return JSON.parse(json!);
}

async function page(server: Running): Promise<string> {
  return (await raw(server, { headers: HTML })).text;
}

test('the root leads to the playground', async () => {
  const server = await start();
  const answer = await raw(server, { path: '/', headers: HTML });
  expect(answer).toMatchObject({ status: 302, headers: { location: '/graphql' } });
});

test('the page may run only its own code and talk only to its own server', async () => {
  const server = await start();
  const { headers } = await raw(server, { headers: HTML });
  const policy = headers['content-security-policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/https?:|\*|'unsafe-eval'/);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('the page loads nothing', async () => {
  const server = await start();
  const html = await page(server);
  const withoutScripts = html
    .replace(/<script>.*<\/script>/s, '')
    .replace(/<style>.*<\/style>/s, '');
  expect(withoutScripts).toMatch(/<div id="root">/);
  expect(withoutScripts).not.toMatch(/(src|href)="(?!data:)/);
});

test('tabs take the first click: nothing moves them', async () => {
  const server = await start();
  const [head] = (await page(server)).split('<body');
  expect(head!.trimEnd()).toMatch(/\.graphiql-tab\{transform:none !important\}<\/style><\/head>$/);
});

test('the tabs are the examples, with their variables', async () => {
  const tabs = [
    { name: 'Say hello', query: 'query Hello { hello }' },
    { name: 'Count', query: 'subscription($n: Int!) { countTo(last: $n) }', variables: '{"n":3}' },
  ];
  const server = await start({ graphiql: { title: 'Test', tabs } });
  expect(settings(await page(server))).toMatchObject({
    subscriptionsProtocol: 'SSE',
    stories: [
      {
        name: 'Examples',
        tabs: [
          { query: '# Say hello\nquery Hello { hello }', variables: null, headers: null },
          { query: expect.stringContaining('countTo'), variables: '{"n":3}', headers: null },
        ],
      },
    ],
  });
});

test('history and explorer are both there, and each story has its entry', async () => {
  const tabs = ['A', 'A', 'B'].map((story, i) => ({ story, name: `${i}`, query: '{ hello }' }));
  const server = await start({ graphiql: { title: 'Test', tabs } });
  const html = await page(server);
  const [, history] = /\b(\w+)=\{title:"History",icon:/.exec(html)!;
  expect(html).toMatch(new RegExp(`plugins:\\[${history},\\w+\\],schemaDescription`));
  const { stories } = settings(html) as { stories: { name: string; tabs: object[] }[] };
  expect(stories.map(story => [story.name, story.tabs.length])).toEqual([
    ['A', 2],
    ['B', 1],
  ]);
});

test('a server with a token says where to put it', async () => {
  const server = await start({ token: 'sixteen-letters-and-more' });
  const { stories, defaultHeaders } = settings(await page(server)) as {
    stories: { tabs: { query: string; headers: string }[] }[];
    defaultHeaders: string;
  };
  const [first] = stories[0]!.tabs;
  expect(JSON.parse(defaultHeaders)).toEqual({ authorization: 'Bearer YOUR_TOKEN' });
  expect(first!.headers).toBe(defaultHeaders);
  expect(first!.query).toContain('put it into "Headers"');
});

test('examples cannot break out of the script, nor the title out of its tag', async () => {
  const query = '{ hello } # </script><b>$& $1';
  const server = await start({
    graphiql: { title: '</title><b>&', tabs: [{ name: 'Break', query }] },
  });
  const html = await page(server);
  expect(html).not.toContain('</script><b>');
  expect(html).toContain('<title>&lt;/title>&lt;b>&amp;</title>');
  const { stories } = settings(html) as { stories: { tabs: { query: string }[] }[] };
  expect(stories[0]!.tabs[0]!.query).toBe(`# Break\n${query}`);
});

test('the page travels packed, and not again when the browser has it', async () => {
  const server = await start();
  const { etag } = (await raw(server, { headers: HTML })).headers;
  const again = await raw(server, { headers: { ...HTML, 'if-none-match': etag! } });
  expect(again).toMatchObject({ status: 304, text: '' });

  const packed = await new Promise<Buffer>((resolve, reject) => {
    const headers = { ...HTML, 'accept-encoding': 'gzip' };
    request(server.graphql, { headers }, async response => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(Buffer.concat(chunks));
    })
      .on('error', reject)
      .end();
  });
  expect(packed.length).toBeLessThan(4_000_000);
  // Not toBe: it would print 9 MB.
  expect(String(gunzipSync(packed)) === (await page(server))).toBe(true);
});
