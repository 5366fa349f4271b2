/** The object graph: at every moment of the story what the machine says, and nothing that stays moves. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ask, at, type Json, succeed } from '../graphql/builder/testing.ts';
import { open, press, shows, startEmpty, startWithStory } from './browser.ts';

interface Box {
  readonly name: string;
  readonly facts: string;
  readonly mark: string;
  readonly left: number;
  readonly top: number;
}

/** The boxes that are drawn, by the key of their object. */
async function boxes(page: Page): Promise<Map<string, Box>> {
  const found = await page.locator('.node').evaluateAll(nodes =>
    nodes.map(node => {
      const { left, top } = node.getBoundingClientRect();
      const text = (selector: string) => node.querySelector(selector)?.textContent ?? '';
      const mark = ['appeared', 'changed', 'went'].find(name => node.classList.contains(name));
      return [
        node.getAttribute('data-key') ?? '',
        { name: text('.node-name'), facts: text('.node-facts'), mark: mark ?? '', left, top },
      ] as const;
    }),
  );
  return new Map(found);
}

const COUNTS = `
  contexts { contextId fileOpen objects { edges { node {
    objectId objectType users
    ... on FaultQueue { deliverCount awaitingResponseCount
      deliver { iopfGroupId cookie requests { addr } }
      awaitingResponse { iopfGroupId cookie requests { addr } } }
  } } } }
  iommuGroups { iommuGroupId domain { kind } attachHandle { attachHandleId } }
  physicalDevices { deviceNo name iopfFeature }`;

type Item = { readonly [name: string]: Json };
const list = (json: Json) => json as readonly Item[];

/** What must stand in each box, asked for field by field. */
function expected(machine: Json): Map<string, string> {
  const facts = new Map<string, string>();
  for (const context of list(at(machine, 'contexts'))) {
    const { contextId } = context;
    facts.set(`CONTEXT:${contextId}`, context['fileOpen'] ? 'file open' : 'file closed');
    for (const { node } of list(at(context, 'objects', 'edges'))) {
      const object = node as Item;
      const key = `${object['objectType']}:${contextId}:${object['objectId']}`;
      facts.set(key, `users ${object['users']}`);
      if (object['objectType'] !== 'FAULT') continue;
      const { deliverCount, awaitingResponseCount } = object;
      facts.set(key, `${deliverCount} wait · ${awaitingResponseCount} read`);
      for (const group of [...list(object['deliver']!), ...list(object['awaitingResponse']!)]) {
        const cookie = group['cookie'] === null ? 'waits' : `cookie ${group['cookie']}`;
        const pages = list(group['requests']!).length;
        facts.set(
          `IOPF_GROUP:${group['iopfGroupId']}`,
          `${pages} page${pages === 1 ? '' : 's'} · ${cookie}`,
        );
      }
    }
  }
  for (const group of list(at(machine, 'iommuGroups'))) {
    const kind = String(at(group, 'domain', 'kind')).toLowerCase();
    facts.set(`IOMMU_GROUP:${group['iommuGroupId']}`, `${kind} domain`);
    const handle = group['attachHandle'] as Item | null;
    if (handle !== null) facts.set(`ATTACH_HANDLE:${handle['attachHandleId']}`, 'since');
  }
  for (const device of list(at(machine, 'physicalDevices'))) {
    const on = device['iopfFeature'] ? 'IOPF on' : 'IOPF off';
    facts.set(`PHYSICAL_DEVICE:${device['deviceNo']}`, on);
  }
  return facts;
}

/** The objects that `diff` names, as the page's keys; areas are drawn in their IOAS. */
function changed(diff: Json): Set<string> {
  return new Set(
    list(at(diff, 'changes')).flatMap(({ object }) => {
      const { kind, contextId, id } = object as Item;
      if (kind === 'MACHINE' || kind === 'HAZARD') return [];
      return [[kind, contextId, id].filter(part => part !== null).join(':')];
    }),
  );
}

test('check 4: every moment of the story is drawn as the machine says, and nothing that stays moves', async () => {
  const server = await startWithStory();
  const { page, complaints } = await open(server, '/m/story/0');
  let before = new Map<string, Box>();
  for (let seq = 0; seq <= 40; seq += 1) {
    if (seq > 0) await press(page, 'ArrowRight');
    await shows(page, seq);
    const answer = await ask(
      server,
      `query ($at: Int!, $before: Int!) {
        machine(machineId: "story", at: $at) { ${COUNTS} }
        diff(from: { machineId: "story", at: $before }, to: { machineId: "story", at: $at },
          first: 1000) { changes { object { kind contextId id } } }
      }`,
      { at: seq, before: Math.max(seq - 1, 0) },
    );
    const drawn = await boxes(page);
    const facts = expected(at(answer, 'machine'));
    const there = [...drawn].filter(([, { mark }]) => mark !== 'went').map(([key]) => key);
    // A handle that no group stores any more is drawn too, until it is freed.
    const known = there.filter(key => facts.has(key) || !key.startsWith('ATTACH_HANDLE'));
    expect({ seq, keys: known.sort() }).toEqual({ seq, keys: [...facts.keys()].sort() });
    for (const [key, fact] of facts) {
      expect({ seq, key, shown: drawn.get(key)!.facts }).toMatchObject({
        shown: expect.stringContaining(fact),
      });
    }
    const marked = [...drawn].filter(([, { mark }]) => mark !== '').map(([key]) => key);
    expect({ seq, marked: marked.sort() }).toEqual({
      seq,
      marked: [...changed(at(answer, 'diff'))].sort(),
    });
    for (const [key, { left, top }] of drawn) {
      const was = before.get(key);
      if (was === undefined || was.mark === 'went') continue;
      expect({ seq, key, left, top }).toEqual({ seq, key, left: was.left, top: was.top });
    }
    before = drawn;
  }
  expect(before.size).toBeGreaterThan(7);
  expect(complaints).toEqual([]);
});

test('alt and an arrow lead to what is connected at that side', async () => {
  const server = await startWithStory();
  const { page } = await open(server, '/m/story/28');
  await shows(page, 28);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-key'));
  const walk = async (from: string, key: string) => {
    await page.locator(`[data-key="${from}"]`).focus();
    await press(page, key);
    return focused();
  };
  expect(await walk('IOAS:1:1', 'Alt+ArrowLeft')).toBe('CONTEXT:1');
  expect(await walk('IOAS:1:1', 'Alt+ArrowRight')).toBe('HWPT_PAGING:1:3');
  expect(await walk('HWPT_NESTED:1:5', 'Alt+ArrowLeft')).toBe('HWPT_PAGING:1:3');
  expect(await walk('HWPT_NESTED:1:5', 'Alt+ArrowRight')).toBe('ATTACH_HANDLE:2');
  // At the edge there is nothing to go to.
  expect(await walk('CONTEXT:1', 'Alt+ArrowLeft')).toBe('CONTEXT:1');
});

test('a PASID that is attached has its handle, between the group and its hwpt', async () => {
  const server = await startEmpty();
  const c = 'machineId: "pasids", contextId: 1';
  const machine = 'machineId: "pasids", baseline: LINUX_7_3_4, devices: [{bdf: "0000:01:00.0"}]';
  await succeed(server, 'machineCreate', machine);
  await succeed(server, 'contextOpen', 'machineId: "pasids"');
  await succeed(server, 'deviceBind', `${c}, bdf: "0000:01:00.0"`);
  await succeed(server, 'ioasAlloc', c);
  await succeed(server, 'hwptAlloc', `${c}, devId: 1, ptId: 2, rawFlags: 8`);
  const { seq } = await succeed(server, 'deviceAttach', `${c}, devId: 1, ptId: 3, pasid: 7`);
  const { page, complaints } = await open(server, `/m/pasids/${seq}`);
  await shows(page, seq as number);
  const drawn = await boxes(page);
  expect(drawn.get('ATTACH_HANDLE:1')!.facts).toMatch(/^PASID 7 · since \d+$/);
  expect(drawn.get('IOMMU_GROUP:1')!.facts).toBe('blocking domain · 1 PASID');
  for (const [from, key, to] of [
    ['HWPT_PAGING:1:3', 'Alt+ArrowRight', 'ATTACH_HANDLE:1'],
    ['IOMMU_GROUP:1', 'Alt+ArrowLeft', 'ATTACH_HANDLE:1'],
  ] as const) {
    await page.locator(`[data-key="${from}"]`).focus();
    await press(page, key);
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('data-key'));
    expect(focused).toBe(to);
  }
  expect(complaints).toEqual([]);
});
