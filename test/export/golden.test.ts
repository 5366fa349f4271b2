/**
 * Golden exports: logs as an older Faultline wrote them. Each must replay to the state it always led
 * to, in every version to come; nothing here is ever written anew (write-golden.ts adds files).
 */
import { hash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkExport, importExport } from '../../src/engine/import.ts';
import { openMemoryLog } from '../../src/log/memory.ts';
import { EVENT_VERSIONS } from '../../src/log/upcast.ts';
import { GOLDEN, kindsIn } from './fixtures.ts';

/** File, sha256 of its bytes, final hash. */
const EXPORTS: readonly (readonly [file: string, sha256: string, finalHash: string])[] = [
  [
    'faults.jsonl',
    '3a0150113bbb2db74d50ed88a33c54a33e29eb6aef768d06d3368a416cc02c12',
    '5ed9f6f7c2c86eb0a432a40179dd1d5a882c42c8853773cd8507d4a3aec31764',
  ],
  [
    'dirty.jsonl',
    '11d5c2d40337730c13e22eeff8e3eb3f8745dc1fef52cc6dda6951bf92c9068a',
    '4dfd41f0c7c14391823f23a28e845faeff4c40f199b72eadd93fe054c930d4a5',
  ],
  [
    'vpri.jsonl',
    '5f380290480468226ae68c21c25b5a80e6090f8b6858ac5caa43c992c5114f04',
    '92bad8874909b95e937beb3394e175692eda00e8d95f463258d3fa640ea378fc',
  ],
  [
    'linux-6-11-every-replace-drained-emulated-pri-1.jsonl',
    'a834da022c20280e7f99341fe25a9d5447202607dd214352a40f94548c28d92d',
    'cf9476e6823cdf648d1d60861a1e472b4777cfdfc33b5ba48c0e97257be5cdf6',
  ],
  [
    'linux-6-12-117-only-to-plain-drained-as-baseline-2.jsonl',
    '6c18ecd652944caa90cae642e36849f4a783a6b655916a2fc55444f3331fd605',
    '1e9bf445d0ab2fdbe69cb8bea7bfb4abb88c8c814d6d56a60048c73bc8110a0e',
  ],
  [
    'linux-6-14-every-replace-not-drained-as-baseline-3.jsonl',
    '05854d262c8c8d9f283f13e32597dd60df95a75b9b0cbc71a088ce9d11005fa3',
    '83ce9755d88e43752b4aff8b1a7a66e0210defd6cee08a980be264c501dffe0c',
  ],
  [
    'linux-6-16-every-replace-drained-as-baseline-4.jsonl',
    '520a7b0b6a9381b3604018549a020c22fc7162b1cb815c3dbb7d2f81c1567eed',
    'efd3c307acf26eccb7502c0ca688ef1d9f5a39854e6f690643f466c5e839539f',
  ],
  [
    'linux-6-11-only-to-plain-drained-as-baseline-6.jsonl',
    '8d475e33f6851c041ef30f697b737abb02bbeb7e924e6c051b0f50344deda8a4',
    '5b9294c3261ba8e7cbc708e1e644f298bd36ce3d92497929235e996e55e96da9',
  ],
  [
    'linux-6-11-every-replace-not-drained-as-baseline-11.jsonl',
    'e222b26380e5f04f536d552e8b590dd6396d6820361c27fcb1d73089ad50b99b',
    'ee8c33cf22609975ba48bfa15cdd336e4f6711f408364c98659483b6964b496c',
  ],
  [
    'v6-patch-every-replace-drained-emulated-pri-21.jsonl',
    'd470bdf1ea4470e7425c13f856897e303727d9ce91ce87db2e6e621771493b9d',
    '730fab67e24bdaad95f8dd5369eb5d7ff0b37bdbb13603c802eb47adc8ceb5ec',
  ],
  [
    'linux-6-16-only-to-plain-drained-as-baseline-174.jsonl',
    '6d26baa93422f62760c50c8d337c9be886eb4377577814f28d914f98157081e7',
    '80d009b75212e3c6c5de69b25f2bdba2b2edf41f7dd4031c33f8230cb2d6a6a1',
  ],
  [
    'kernel-replaced.jsonl',
    'f3b2eef734dde2e78ff9a8662f9be65c9f688783bb9df37a4bf52e0f61385579',
    'a10c6e56c4d4228b9ed25d4c9bf1b9956d1a907673d7966b9f2032309f24a9c3',
  ],
];

test.each(EXPORTS)(
  '%s replays to the same final hash, and can be imported',
  async (name, sha256, finalHash) => {
    const file = join(GOLDEN, name);
    expect(hash('sha256', readFileSync(file))).toBe(sha256);
    const checked = checkExport(file);
    expect(checked.finalHash).toBe(finalHash);
    const log = openMemoryLog();
    await importExport(log, file, checked, 'old');
    expect(await log.verify('old')).toBeNull();
  },
);

test('every file is in the table', () => {
  const files = globSync(join(GOLDEN, '*')).map(file => basename(file));
  expect(files.sort()).toEqual(EXPORTS.map(([name]) => name).sort());
});

test('every version of every event is in a golden export', () => {
  const found = new Set<string>();
  for (const [name] of EXPORTS) {
    for (const kind of kindsIn(readFileSync(join(GOLDEN, name), 'utf8'))) found.add(kind);
  }
  const kinds = Object.entries(EVENT_VERSIONS).flatMap(([type, newest]) =>
    Array.from({ length: newest }, (_, index) => `${type}@${index + 1}`),
  );
  expect(kinds.filter(kind => !found.has(kind))).toEqual([]);
});
