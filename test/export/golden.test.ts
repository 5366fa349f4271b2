/**
 * Golden exports: logs as an older Faultline wrote them. Each must replay to the state it always led
 * to, in every version to come; nothing here is ever written anew (write-golden.ts adds files).
 */
import { hash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkExport, importExport } from '../../src/engine/export/import.ts';
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
    '14f2c04aa28ba24f74d237c0c8e6103ef0c5c273685dfc4653df42a9c9a3984c',
    'cd9ab4cdd84fd5c6e93d567a37fe16386101f8e96b39d7e1dbc3368eb5449173',
  ],
  [
    'vpri.jsonl',
    'c0bb41c619ed6322e2afddb65a046e643ee884ac77c160c20eaa923252fc44a4',
    '7c17f7fe887c72fdc4c3dbd0382bdd91e74e63efd14ac3c73251ed003b8ffa1c',
  ],
  [
    'linux-6-11-every-replace-drained-emulated-pri-1.jsonl',
    '07c60d66dc66c7999724ea68d59e41e1848fda353225f1859fb0dffdbd6f0131',
    '2f66e759f0d155a8592f9d407130537e7e9520e369494d5579f0547a613cb513',
  ],
  [
    'linux-6-12-117-only-to-plain-drained-as-baseline-2.jsonl',
    'fcd4d663d98b9fa2ec4099d689e92e3b03aba2ccf867081fdd4a1fc2d8c93fe8',
    '7224365efd63028c7e2bf5691ab66af2a28beaebfdadf7d4c970ab08d2997db0',
  ],
  [
    'linux-6-14-every-replace-not-drained-as-baseline-3.jsonl',
    '05854d262c8c8d9f283f13e32597dd60df95a75b9b0cbc71a088ce9d11005fa3',
    '83ce9755d88e43752b4aff8b1a7a66e0210defd6cee08a980be264c501dffe0c',
  ],
  [
    'linux-6-16-every-replace-drained-as-baseline-4.jsonl',
    'fe25ddf2fb7ff7e3c248726b2ffe097a8b534c30def4d195ec06c06d5e76fa40',
    '9c2b4611e885ced98cc6b5c55b6bae9a62f718dc7d4769cabdfafcb68742bd74',
  ],
  [
    'linux-6-11-only-to-plain-drained-as-baseline-6.jsonl',
    '8d475e33f6851c041ef30f697b737abb02bbeb7e924e6c051b0f50344deda8a4',
    '5b9294c3261ba8e7cbc708e1e644f298bd36ce3d92497929235e996e55e96da9',
  ],
  [
    'linux-6-11-every-replace-not-drained-as-baseline-11.jsonl',
    'e07d48d1be4602b2b3dbaa54826fd12651a8d4ba0dbcb6c88f76adc892808ff7',
    '0b32d67c7616d07e8b3b85076417e0103e546808ed00404088ab1db02873a60e',
  ],
  [
    'v6-patch-every-replace-drained-emulated-pri-21.jsonl',
    'd470bdf1ea4470e7425c13f856897e303727d9ce91ce87db2e6e621771493b9d',
    '730fab67e24bdaad95f8dd5369eb5d7ff0b37bdbb13603c802eb47adc8ceb5ec',
  ],
  [
    'linux-6-16-only-to-plain-drained-as-baseline-174.jsonl',
    '5cb95cef532f4cf6202b93a19bbbd1b8c377c0e7e60ecc057b168e4a24526d7a',
    'a24861779036ba756f15272f1f3a7721ea3dffdc209b9bfa2ea4a84bdd2187fc',
  ],
  [
    'kernel-replaced.jsonl',
    'a46eb82159fdff0ae43cfd1ee4d8519846477c1d8370e135b31af294ac3eda7b',
    '22770f19c988ef393ddd71b3e59d6866e8dd4f56d39098d10f46815330fb9243',
  ],
  [
    'hardware-success-without-mapping.jsonl',
    'c9c2e12120d106214d222109abc0f7659ce0ab90f20d1f80e71b295f2930cea9',
    '0a5ec07f017437a71122b1c65b1cee655d769e741ed0bb4ce23da9969b1ec336',
  ],
  [
    'hardware-success-without-permission.jsonl',
    '6bb6ada6aa6bc356d16b821cdd54594fc0be5a6e61928d6cb9dced926fb0cbc2',
    '153d568ed9a86a938adacee6d473be25d4aeb61d30d77dd3c36c29299d28447d',
  ],
  [
    'hardware-stale-translation-used.jsonl',
    '9f7e2ee60e368330e0aa55cf47c996d8c87669e1e3cd617210ca19702a3bb564',
    'c20567da9aa3d42803a22018b877a76a70cc9f38ef1f4863db4e2a3884d6070a',
  ],
  [
    'hardware-atc-not-invalidated.jsonl',
    'd69631cd431eb36d91f73d0ca4ad083c0fcb864f729b63f62dae9af4def41c7e',
    'c419d53a621111ff9f5dff4c0e4ca5c4397fcb51d4cae031cb67ecc14c796b08',
  ],
  [
    'hardware-atc-invalidation-timed-out.jsonl',
    '8630fba65fff0bf69b803448a1324d76e607f5623e95de52a61f86634ae45460',
    'ac91c75ba9faa96d523a34e5262fbbad18cb9688f71a270b795feaeaa4b13cb0',
  ],
  [
    'hardware-pri-disabled-by-failure.jsonl',
    '6930d5a8f2b8f69cd2061e4d996499b2b0adf6aa893e9639dac32994e6c7fb8b',
    '293bc732e1a8f58725ef0d69379ed940f55dff2b7f709f992bafb7bbe27bfc70',
  ],
  [
    'hardware-prq-overflowed.jsonl',
    '2252ddcf9659796fd7ae5394aa510942be4d7778990658fd7f0dd5e495259fe8',
    '7e61a88aee41fcce851f80ccd9609ef9d2d634efa92428e3c83ccbb6d999b78c',
  ],
  [
    'hardware-truncated-group-answered.jsonl',
    'dbe91e9c9e97fbb6c8a0163a83616b40ab7848aed486ac075c911509a7dd962f',
    '3792b89431b463c0a5b346c8d81d0bd7f0910632a62624a2279ed875d2eb188f',
  ],
  [
    'hardware-stop-marker-unanswered.jsonl',
    '6745292a8b973b338d88c28567b1f792bee8322ca07e258ef241b2a76419c250',
    'd62d89720dece5dc7252d7db159532f3cd07e2df5ea825d7f376e945623e6607',
  ],
  [
    'hardware-stall-never-resumed.jsonl',
    '002d02c14f0594546004ee452fbaab82086a2d5ad86dd803ab6b7b88f640f5f9',
    '127efda4c3aa0aea30e863a8261b109d18bfb2a22e95bdd51784cf495edd7a80',
  ],
  [
    'hardware-stale-stag-resumed.jsonl',
    'ce315392fb1ebd20d3a89c32353bf9e1469daa6a0f53e55ef290bb39293e0bfe',
    '5e032fb6e2412975ead60de37dec07b0d2e90a3b51440be49baef4e32293fb76',
  ],
  [
    'hardware-dma-timed-out.jsonl',
    'ea379c1b45de51056eed41c41fadb3ad89c9d79983074acc652135a0d63ad131',
    '10b7a59bf6df1f10ed91a438c507b21e58e58511a815341b19303a30c3eb410f',
  ],
  [
    'hardware-registers.jsonl',
    '2777c35b6f888ca3a94005816f37a333ee2a57052166b9ba8fa5b476dd881921',
    'e98e470039de9763e8d580dbf5da1863e3fc3d7cd76fa3f955f4b1a120092b1f',
  ],
  [
    'hardware-failure.jsonl',
    '2ee6cef0ca3f4e0d082d74f6ed08e439d691c470410a1a0e23903d803fcf183e',
    'f765e80afb87ae059a74d54e5be60e259e38cb3c8c1578666b28f072fa003cf0',
  ],
  [
    'hardware-stalls-terminated.jsonl',
    '659ad794c3e09766d85d61ce394e89b4e06d334121cea0e72ef1bd225f89d0eb',
    '0905ec8ca39d48658475f071ffb64068d8ca3f96c0ec29af4dc33228e173fea3',
  ],
  [
    'user-memory.jsonl',
    '656ddb06d9659fe3cf00b1f706a2e5fd5e5240384b27f49592653e415dc4abf8',
    'a4794d9760a63f89502552842ccd9eb1197cb06e2c96d97c63ba7d9eea4c2095',
  ],
  [
    'area-split.jsonl',
    '450fcbf5be925c22eda55dab4327d291bade2fe7a8e0908c63b7a06b050a739f',
    'fa02d4a35b517860fba958837b2a28756274520776db6b9e18811f1681d4ee81',
  ],
  [
    'pasids.jsonl',
    'b5ca38eefb9cc4a2d1f1793fb9c23901cdecf2b5513290a62ab5ac2d38e87ef1',
    'f4e586b27fe3e89a01977630c827178fb65228f21d5474c0c381ebbb39f5ba05',
  ],
  [
    'access-written.jsonl',
    '89d441dfcad53a5ffe04ffb39277d6cc6c41ece0e56f5cdc46d9240a13482705',
    '7c6f5919bb965512bd4e212265407ae93eb503c0ae99eb815cbcce76060b457e',
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
