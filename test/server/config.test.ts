import { describe, expect, test } from 'vitest';
import { ConfigError, checkAccess, parseServeConfig } from '../../src/server/config.ts';

const TOKEN = 'a-token-of-20-letters';

describe('settings that are refused, with the flag or variable named', () => {
  test.each([
    ['an unknown flag', ['--prot', '1'], {}, /Unknown option '--prot'; see --help/],
    ['a positional', ['4000'], {}, /Unexpected argument '4000'/],
    ['a flag without value', ['--port'], {}, /--port/],
    ['a port in words', ['--port', 'http'], {}, /--port: .* from 0 to 65535, not "http"/],
    ['a port above the last', ['--port', '65536'], {}, /--port: .*"65536"/],
    ['a negative port', ['--port=-1'], {}, /--port: .*"-1"/],
    ['a fraction of a port', ['--port', '80.5'], {}, /--port: .*"80.5"/],
    ['an empty port', ['--port', ''], {}, /--port: .*""/],
    ['a port in exponent form', [], { PORT: '4e3' }, /^PORT: .*"4e3"/],
    ['an unknown durability', ['--durability', 'none'], {}, /--durability: .*"normal" or "full"/],
    ['an unknown durability variable', [], { DURABILITY: 'FULL' }, /^DURABILITY: .*"FULL"/],
    ['an empty database', ['--database', ' '], {}, /--database: expected a file name or :memory:/],
    ['a host with a port', ['--host', 'localhost:80'], {}, /--host: .*"localhost:80"/],
    ['a URL for a host', [], { HOST: 'http://localhost' }, /^HOST: /],
    ['a short token', ['--token', 'x'.repeat(15)], {}, /--token: .* 16 to 1024 characters, not 15/],
    ['an empty token', ['--token', ''], {}, /--token: .* not 0/],
    ['an endless token', [], { TOKEN: 'x'.repeat(1_025) }, /^TOKEN: .*not 1025/],
    ['a token with spaces', [], { TOKEN: 'sixteen letters and more' }, /^TOKEN: .*spaces/],
    ['all addresses without a token', ['--host', '0.0.0.0'], {}, /^--host: .*set TOKEN .*127/],
    ['an outer address without a token', [], { HOST: '192.0.2.1' }, /^HOST: .*token is needed/],
    ['a name that only looks like loopback', ['--host', '127.example'], {}, /token is needed/],
    ['a tick of no time', ['--tick', '0'], {}, /--tick: .* from 10 to 3600000, not "0"/],
    ['a tick below the bound', ['--tick', '9'], {}, /--tick: .*"9"/],
    ['a tick above the bound', [], { TICK: '3600001' }, /^TICK: .*"3600001"/],
    ['a tick in words', ['--tick', '1s'], {}, /--tick: .*"1s"/],
    ['an empty tick', ['--tick', ''], {}, /--tick: .*""/],
    ['an outer IPv6 address without a token', ['--host', '[::]'], {}, /token is needed/],
  ])('%s', (_title, argv, env, message) => {
    expect(() => parseServeConfig(argv, env)).toThrow(ConfigError);
    expect(() => parseServeConfig(argv, env)).toThrow(message);
  });

  test('no message repeats a token', () => {
    expect(() => parseServeConfig(['--token', 'hush hush hush hush'], {})).toThrow(
      /^(?!.*hush).*$/s,
    );
  });
});

test('the defaults are loopback, without a token', () => {
  expect(parseServeConfig([], {})).toEqual({
    host: '127.0.0.1',
    port: 4000,
    database: 'data/faultline.sqlite',
    durability: 'normal',
    token: null,
  });
});

test('all flags are taken', () => {
  const argv = ['--host', '0.0.0.0', '--port=0', '--database', ':memory:', '--durability', 'full'];
  expect(parseServeConfig([...argv, '--token', TOKEN], {})).toEqual({
    host: '0.0.0.0',
    port: 0,
    database: ':memory:',
    durability: 'full',
    token: TOKEN,
  });
});

test('the environment is taken, an empty variable is not, and a flag wins', () => {
  const env = { HOST: 'box.example', PORT: '65535', DATABASE: '', DURABILITY: 'full', TOKEN };
  expect(parseServeConfig(['--port', '8080'], env)).toEqual({
    host: 'box.example',
    port: 8080,
    database: 'data/faultline.sqlite',
    durability: 'full',
    token: TOKEN,
  });
});

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.8.9.1', '::1', '[::1]'])(
  'loopback %s needs no token',
  host => {
    expect(parseServeConfig(['--host', host], {})).toMatchObject({ token: null });
  },
);

test('help is asked for before anything is checked', () => {
  expect(parseServeConfig(['--help', '--port', 'x'], {})).toBe('help');
});

test('the check of access stands alone too', () => {
  expect(() => checkAccess('0.0.0.0', null)).toThrow(/--host/);
  expect(() => checkAccess('127.0.0.1', 'short')).toThrow(/--token/);
  expect(() => checkAccess('0.0.0.0', TOKEN)).not.toThrow();
});

test.each([
  [['--tick', '10'], {}, 10],
  [[], { TICK: '3600000' }, 3_600_000],
  [['--tick', '20'], { TICK: '30' }, 20],
])('%j and %j let a tick pass every %i ms', (argv, env, tickMs) => {
  expect(parseServeConfig(argv, env)).toMatchObject({ tickMs });
});
