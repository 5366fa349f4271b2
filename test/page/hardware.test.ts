/** The hardware, watched and driven by key: what waits, what is full, what is stale, and programs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { IOVA, makeMachine, mapPage, readPage } from '../../examples/hardware/machine.ts';
import type { Faultline } from '../../src/server/faultline.ts';
import { ask, at, type Json } from '../graphql/builder/testing.ts';
import { open, press, shows, startEmpty } from './browser.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const PATIENCE = { timeout: 60_000 };
const PAGE = 0x1000n;
const BDF = '0000:01:00.0';

const hex = (value: bigint) => `0x${value.toString(16)}`;

/** Presses Tab until it has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor(PATIENCE);
  for (let presses = 0; presses < 150; presses += 1) {
    if (await target.evaluate(element => element === document.activeElement)) return;
    await press(page, 'Tab');
  }
  throw new Error(`${target} does not get the focus`);
}

async function fill(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, page.getByLabel(label, { exact: true }));
  await press(page, 'Control+a');
  await page.keyboard.type(text);
}

/** Shows one view of the hardware, from wherever the focus is. */
async function showView(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await tabTo(page, button);
  await press(page, 'Enter');
  await expect.poll(() => button.getAttribute('aria-pressed'), PATIENCE).toBe('true');
}

const textOf = (page: Page) => page.locator('#tab-panel').textContent();
const announced = (page: Page) => page.locator('[role=status]').last().textContent();

async function newest(server: Faultline, machineId: string): Promise<number> {
  const data = await ask(server, `{ machine(machineId: "${machineId}") { seq } }`);
  return at(data, 'machine', 'seq') as number;
}

test('a device that copies a page: it waits, is told too early, asks again, and is done', async () => {
  const server = await startEmpty();
  const [, make = ''] = /```graphql\n(mutation CopyMake[\s\S]*?)```/.exec(README) ?? [];
  await ask(server, make);
  const { page, complaints } = await open(server, '/m/copy/now');
  await shows(page, 33);
  await press(page, 'H');
  const second = page.getByRole('button', { name: /^DMA 2 writes/ });
  await expect.poll(() => second.textContent(), PATIENCE).toContain('waits for an answer');
  expect(await second.textContent()).not.toContain('asked again');

  // By hand, before the page is there: the device looks, and asks once more.
  await press(page, 'h');
  await expect.poll(() => page.locator('.held').count(), PATIENCE).toBe(1);
  await press(page, 's');
  await expect.poll(() => page.locator('.held').textContent(), PATIENCE).toContain('Group 2');
  await press(page, 'H');
  await expect.poll(() => second.textContent(), PATIENCE).toContain('asked again once');

  // The guest maps the page, then the handler says so.
  await showView(page, 'Guest tables');
  await fill(page, 'IOVA', '0x40001000');
  await fill(page, 'Guest address of the pages', '0x90000');
  await press(page, 'Enter');
  await expect.poll(() => announced(page), PATIENCE).toContain('Map pages: done');
  await expect.poll(() => textOf(page), PATIENCE).toContain('0x8000000000090007');
  await showView(page, 'DMAs');
  await press(page, 's');
  await expect.poll(() => second.textContent(), PATIENCE).toContain('done, asked again once');
  const data = await ask(
    server,
    '{ machine(machineId: "copy") { context(contextId: 1) { memoryAt(userVa: "0x10090000", length: 8) } } }',
  );
  expect(at(data, 'machine', 'context', 'memoryAt')).toBe('1122334455667788');

  // Its life, and from there to the event and the group.
  await tabTo(page, second);
  await press(page, 'Enter');
  const issued = page.getByRole('button', { name: /^26\s*DMA 2 of/ });
  await tabTo(page, issued);
  await press(page, 'Enter');
  await shows(page, 26);
  await expect.poll(() => second.textContent(), PATIENCE).not.toContain('done');
  await press(page, 'End');
  await tabTo(page, page.getByRole('button', { name: 'iopf group 2', exact: true }));
  await press(page, 'Enter');
  expect(new URL(page.url()).searchParams.get('sel')).toBe('IOPF_GROUP:2');
  await expect.poll(() => second.getAttribute('aria-current'), PATIENCE).toBe('true');
  // The same in words.
  await tabTo(page, page.locator('summary', { hasText: 'DMAs as a table' }));
  await press(page, 'Enter');
  const row = page.locator('details[open] tbody tr').nth(1);
  expect(await row.textContent()).toMatch(
    /^20000:01:00.0write 0x40001000.*done, asked again once$/,
  );
  expect(complaints).toEqual([]);
});

test('a forgotten invalidation: stale in both caches, by that event, and used', async () => {
  const server = await startEmpty();
  await makeMachine(server.url);
  await mapPage(server.url, IOVA);
  await readPage(server.url, IOVA);
  const { page, complaints } = await open(server, '/m/dma/now?tab=hardware&part=caches');
  await expect
    .poll(() => textOf(page), PATIENCE)
    .toContain('What is cached is what the tables say');
  expect(await page.locator('tr.stale').count()).toBe(0);
  const before = await newest(server, 'dma');

  await showView(page, 'Guest tables');
  const way = page.getByLabel('As the guest');
  await tabTo(page, way);
  await page.keyboard.type('Unmap');
  await fill(page, 'IOVA', hex(IOVA));
  await press(page, 'Enter');
  await shows(page, before + 1);
  await showView(page, 'Caches');
  await expect.poll(() => page.locator('tr.stale').count(), PATIENCE).toBe(2);
  expect(await page.locator('tr.stale').first().textContent()).toContain(
    `now not present at ${hex(IOVA)}, since event ${before + 1}`,
  );

  await readPage(server.url, IOVA);
  await expect.poll(() => textOf(page), PATIENCE).toContain(`planted by event ${before + 1}`);
  const planted = page.getByRole('button', { name: `event ${before + 1}`, exact: true }).last();
  await tabTo(page, planted);
  await press(page, 'Enter');
  await shows(page, before + 1);
  await expect.poll(() => page.locator('tr.stale').count(), PATIENCE).toBe(2);
  await press(page, 'ArrowLeft');
  await shows(page, before);
  await expect.poll(() => page.locator('tr.stale').count(), PATIENCE).toBe(0);

  // Nothing of the past can be edited; a fork can.
  await showView(page, 'Guest tables');
  await tabTo(page, page.getByRole('button', { name: /^Fork here to edit/ }));
  await press(page, 'Enter');
  await page.getByLabel('Name of the new machine').waitFor(PATIENCE);
  await press(page, 'Escape');
  await expect.poll(() => page.locator('dialog').count(), PATIENCE).toBe(0);
  await press(page, 'End');

  // Told to at last, the caches forget it.
  await tabTo(page, way);
  await page.keyboard.type('Only');
  await fill(page, 'IOVA', hex(IOVA));
  await press(page, 'Enter');
  await expect.poll(() => announced(page), PATIENCE).toContain('Only invalidate: done');
  await showView(page, 'Caches');
  await expect
    .poll(() => textOf(page), PATIENCE)
    .toContain('What is cached is what the tables say');
  expect(complaints).toEqual([]);
});

/** The machine `small`, of one function behind an IOMMU. */
/** `pasid`: its hwpt is attached by that PASID, and no other. */
async function makeSmall(
  server: Faultline,
  iommu: string,
  pasid: number | null = null,
): Promise<void> {
  const C = 'machineId: "small", contextId: 1';
  const flags = '[IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]';
  await ask(
    server,
    `mutation { machineCreate(input: { machineId: "small", baseline: LINUX_7_3_4
        iommus: [{ ${iommu} }]
        devices: [{ bdf: "${BDF}", hardware: { iommu: 0 } }] }) { errno }
      contextOpen(input: { machineId: "small" }) { errno }
      deviceBind(input: { ${C}, bdf: "${BDF}" }) { errno }
      ioasAlloc(input: { ${C} }) { errno }
      parent: hwptAlloc(input: { ${C}, devId: 1, ptId: 2
        flags: [IOMMU_HWPT_ALLOC_NEST_PARENT] }) { errno }
      faultQueueAlloc(input: { ${C} }) { errno }
      hwptAlloc(input: { ${C}, devId: 1, ptId: 3, faultId: 4
        flags: [IOMMU_HWPT_FAULT_ID_VALID, IOMMU_HWPT_ALLOC_PASID]
        vtdS1: { pgtblAddr: "0x1000" } }) { errno }
      ioasMap(input: { ${C}, ioasId: 2, userVa: "0x10000000", iova: "0x0", length: "0x100000"
        flags: ${flags} }) { errno }
      deviceAttach(input: { ${C}, devId: 1, ptId: 5, pasid: ${pasid} }) { errno } }`,
  );
}

const read = (server: Faultline, iova: bigint, pasid: number | null = null) =>
  ask(
    server,
    `mutation { dma(input: { machineId: "small", bdf: "${BDF}", iova: "${hex(iova)}"
      length: "0x1000", pasid: ${pasid} }) { errno } }`,
  );

test('a queue fills, overflows and says since when; credits are counted', async () => {
  const server = await startEmpty();
  // Of two records one can be used.
  await makeSmall(server, 'pageRequestQueueEntries: 2, service: MANUAL');
  const { page } = await open(server, '/m/small/now?tab=hardware&part=queues');
  const fill = page.getByRole('meter', { name: 'Page requests' });
  await expect.poll(() => fill.getAttribute('aria-valuetext'), PATIENCE).toBe('0 of 1 records');
  await read(server, IOVA);
  await expect.poll(() => fill.getAttribute('aria-valuetext'), PATIENCE).toBe('1 of 1 records');
  expect(await page.locator('.badge.wrong').count()).toBe(0);
  const credits = page.getByRole('meter', { name: 'Credits' });
  expect(await credits.getAttribute('aria-valuetext')).toBe('1 of 32 requests outstanding');
  await read(server, IOVA + PAGE);
  const badge = page.locator('.badge.wrong');
  await expect.poll(() => badge.count(), PATIENCE).toBe(1);
  const data = await ask(
    server,
    '{ machine(machineId: "small") { iommu(no: 0) { pageRequestQueue { overflowSeq } } } }',
  );
  const since = at(data, 'machine', 'iommu', 'pageRequestQueue', 'overflowSeq') as number;
  expect(await badge.textContent()).toBe(`▲ Overflow since event ${since}`);
  await showView(page, 'DMAs');
  const lost = page.getByRole('button', { name: /^DMA 2 reads/ });
  await expect.poll(() => lost.textContent(), PATIENCE).toContain('its request was lost');
  await showView(page, 'Queues');
  // Just before it, it had not.
  await tabTo(page, page.getByRole('button', { name: `event ${since}`, exact: true }));
  await press(page, 'Enter', 'ArrowLeft');
  await shows(page, since - 1);
  await expect.poll(() => badge.count(), PATIENCE).toBe(0);
});

async function writeProgram(page: Page, text: string): Promise<void> {
  await fill(page, 'Program, an operation a line', text);
  await tabTo(page, page.getByRole('button', { name: 'Load and run' }));
  await press(page, 'Enter');
}

test('a program is written, refused at its line, run, and says which byte was another', async () => {
  const server = await startEmpty();
  await makeMachine(server.url);
  await mapPage(server.url, IOVA);
  const { page, complaints } = await open(server, '/m/dma/now?tab=hardware&part=programs');
  const before = await newest(server, 'dma');
  const range = `iova=${hex(IOVA)} length=0x1000`;
  await writeProgram(page, `# a program\nREAD ${range}\n\nREAD iova=${hex(IOVA)}`);
  await expect
    .poll(() => textOf(page), PATIENCE)
    .toContain('"input.ops[1].length" must be given with READ');
  expect(await page.locator('.wrong-op').textContent()).toBe(
    `Operation 1, line 4: READ iova=${hex(IOVA)}`,
  );
  await writeProgram(page, `FOO ${range}`);
  await expect
    .poll(() => page.locator('.bad').textContent(), PATIENCE)
    .toMatch(/^“FOO” is none of BARRIER, COPY, /);
  // What is no program at all is told as well, and as text.
  await writeProgram(page, '<img src=x onerror=alert(1)>');
  await expect
    .poll(() => page.locator('.wrong-op').textContent(), PATIENCE)
    .toContain('<img src=x');
  expect(await page.locator('img').count()).toBe(0);
  expect(await newest(server, 'dma')).toBe(before);

  await writeProgram(page, `WRITE ${range} fill=0x5a\nBARRIER\nEXPECT ${range} fill=91`);
  const failed = page.locator('.program .failed');
  await expect.poll(() => failed.textContent(), PATIENCE).toMatch(/^2 EXPECT .*fill=91✕ failed$/);
  const data = await ask(
    server,
    `{ machine(machineId: "dma") { pciDevice(bdf: "${BDF}") { ... on PciDevice {
      program { state failedOp failure } } } } }`,
  );
  const program = at(data, 'machine', 'pciDevice', 'program') as { [name: string]: Json };
  expect(program).toMatchObject({ state: 'FAILED', failedOp: 2 });
  expect(await textOf(page)).toContain(program['failure']);

  await writeProgram(page, `WRITE ${range} fill=0x5a\nBARRIER\nEXPECT ${range} fill=0x5a`);
  await expect.poll(() => textOf(page), PATIENCE).toContain('done, 3 done');
  // A page that is missing: the program waits, and its DMA is a press away.
  await writeProgram(page, `READ iova=${hex(IOVA + 8n * PAGE)} length=0x1000`);
  await tabTo(page, page.getByRole('button', { name: /^DMA \d+: waiting for an answer$/ }));
  await press(page, 'Enter');
  await expect.poll(() => page.locator('.why h3').textContent(), PATIENCE).toContain('waits');
  expect(complaints.filter(line => !line.includes('400 (Bad Request)'))).toEqual([]);
});

test('a table is edited word by word, and a wrong address is told in the server’s words', async () => {
  const server = await startEmpty();
  await makeMachine(server.url);
  await mapPage(server.url, IOVA);
  const { page } = await open(server, '/m/dma/now?tab=hardware&part=tables');
  await tabTo(page, page.getByRole('button', { name: /^0x40000000\s*, level 0: change it$/ }));
  await press(page, 'Enter');
  // Read-only from here on: bit 1 of the entry goes.
  await fill(page, 'Entry', '0x8000000000080005');
  await press(page, 'Enter');
  await expect.poll(() => page.locator('tbody tr').last().textContent()).toMatch(/0x80000read$/);
  await fill(page, 'Guest address of the entry', '0x4001');
  await press(page, 'Enter');
  await expect
    .poll(() => textOf(page), PATIENCE)
    .toContain('"input.words[0].gpa" must be a multiple of 8, not 0x4001');
  await fill(page, 'Guest address of the entry', '0x200000');
  await press(page, 'Enter');
  await expect.poll(() => textOf(page), PATIENCE).toMatch(/EFAULT: .*0x200000/);
});

test.each([null, 7])(
  'where devices’ caches are invalidated apart, that is done too, of PASID %s',
  async pasid => {
    const server = await startEmpty();
    await makeSmall(server, 'vendor: RISCV, tableFormat: RISCV_SV39', pasid);
    await ask(
      server,
      `mutation { guestMap(input: { machineId: "small", contextId: 1, hwptId: 5, iova: "${hex(IOVA)}"
      gpa: "0x80000", length: "0x1000", tablesGpa: "0x2000", tablesLength: "0x8000" }) { errno } }`,
    );
    await read(server, IOVA, pasid);
    const { page } = await open(server, '/m/small/now?tab=hardware&part=caches');
    await expect.poll(() => page.locator('tbody tr').count(), PATIENCE).toBe(2);
    await showView(page, 'Guest tables');
    await tabTo(page, page.getByLabel('As the guest'));
    await page.keyboard.type('Unmap');
    await tabTo(page, page.getByLabel('Then invalidate'));
    await press(page, 'Space');
    await tabTo(page, page.getByRole('button', { name: 'Unmap pages' }));
    await press(page, 'Enter');
    await expect.poll(() => announced(page), PATIENCE).toContain('Unmap pages: done');
    await showView(page, 'Caches');
    await expect.poll(() => page.locator('tbody tr').count(), PATIENCE).toBe(0);
    const data = await ask(
      server,
      '{ machine(machineId: "small") { operations(last: 3) { edges { node { command } } } } }',
    );
    const commands = (at(data, 'machine', 'operations', 'edges') as Json[]).map(edge =>
      at(edge, 'node', 'command'),
    );
    expect(commands).toEqual(['GuestUnmap', 'HwptInvalidate', 'AtcInvalidate']);
  },
);

test('a machine without hardware has no such tab, and an address of it says so', async () => {
  const server = await startEmpty();
  const { page } = await open(server, '/m/default/now');
  await shows(page, await newest(server, 'default'));
  expect(await page.getByRole('tab', { name: 'Hardware' }).count()).toBe(0);
  await page.goto(`${server.url}/m/default/now?tab=hardware`);
  await expect.poll(() => textOf(page), PATIENCE).toContain('has no hardware that acts');
});
