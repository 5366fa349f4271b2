/** What `faultline serve` says when it starts, or why it does not. */
import { expect, test } from 'vitest';
import { run, serve } from './process.ts';

const TOKEN = 'sixteen-letters-and-more';

test.each(['0.0.0.0', '::'])('on %s it says that every address is open', async host => {
  const server = await serve(':memory:', '--host', host, '--token', TOKEN);
  const shown = host.includes(':') ? `[${host}]` : host;
  const port = /:(\d+)$/.exec(server.url)![1]!;
  expect(server.url).toBe(`http://${shown}:${port}`);
  const { stdout } = await server.kill('SIGTERM');
  expect(stdout).toMatch(/ open to .*any address of this machine and has the token\n/);
  expect(stdout).toContain(`playground  http://localhost:${port}/graphql\n`);
  expect(stdout).not.toContain(TOKEN);
});

test('on loopback without a token it says nothing of who gets in', async () => {
  const { url, kill } = await serve(':memory:');
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await kill('SIGTERM')).stdout).not.toContain('open to');
});

test('a port that is taken: it names the flag', async () => {
  const server = await serve(':memory:');
  const { port } = new URL(server.url);
  const { code, stderr } = await run('serve', '--port', port, '--database', ':memory:');
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/--port\n$/) });
});

// RFC 6761: names under "invalid" never resolve. RFC 5737: no machine has this address.
test.each([
  ['nobody.invalid', ['--token', TOKEN]],
  ['nobody.invalid', []],
  ['203.0.113.7', ['--token', TOKEN]],
])('a host that is none of this machine’s is said: %s %j', async (host, token) => {
  const flags = ['--port', '0', '--database', ':memory:', '--host', host, ...token];
  const { code, stdout, stderr } = await run('serve', ...flags);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^faultline serve: .*--host is .*\n$/);
  expect(stderr).toContain(host);
  expect(stderr).not.toContain('token');
});
