/** The iopf groups of a range: those of the whole log that were open in it, as they were then. */
import { expect, test } from 'vitest';
import { ask, at, makeFaulting, post, sendGroups, start, succeed } from '../builder/testing.ts';

interface Group {
  readonly iopfGroupId: number;
  readonly requestedSeq: number | null;
  readonly requestedAt: string | null;
  readonly queuedSeq: number;
  readonly queuedAt: string;
  readonly readSeq: number | null;
  readonly readAt: string | null;
  readonly endedSeq: number | null;
  readonly endedAt: string | null;
  readonly outcome: string;
}

const FIELDS = `iopfGroupId contextId faultId deviceNo device pasid grpid cookie code outcome
  requestedSeq requestedAt queuedSeq queuedAt readSeq readAt endedSeq endedAt`;

async function groupsOf(server: { url: string }, view: string, args: string): Promise<Group[]> {
  const data = await ask(
    server,
    `{ machine${view} { iopfGroups(first: 1000 ${args}) { edges { node { ${FIELDS} } } } } }`,
  );
  const edges = at(data, 'machine', 'iopfGroups', 'edges') as unknown as { node: Group }[];
  return edges.map(({ node }) => node);
}

/** Groups of one and of several pages, held in flight, answered, taken away, flushed, waiting. */
async function busy() {
  const server = await start();
  await makeFaulting(server);
  const c = 'contextId: 1, faultId: 4';
  const request = (grpid: number, addr: string, rest: string) =>
    succeed(
      server,
      'pageRequest',
      `bdf: "0000:01:00.0", grpid: ${grpid}, perm: [IOMMU_PGFAULT_PERM_READ], addr: "${addr}", ${rest}`,
    );
  await sendGroups(server, 2, { pages: 2 });
  await request(7, '0x7000', 'lastPage: false');
  await sendGroups(server, 1, { first: 3 });
  await succeed(server, 'faultRead', c);
  await request(7, '0x8000', 'lastPage: true');
  await succeed(
    server,
    'faultWrite',
    `${c}, responses: [{cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS}]`,
  );
  await request(9, '0x9000', 'hold: true');
  await sendGroups(server, 1, { first: 10 });
  await succeed(server, 'pageRequestResume', 'inFlightId: 1');
  await succeed(server, 'faultRead', c);
  await succeed(server, 'deviceDetach', 'contextId: 1, devId: 1');
  await succeed(server, 'deviceAttach', 'contextId: 1, devId: 1, ptId: 5');
  await sendGroups(server, 2, { first: 20 });
  const { seq } = at(await ask(server, '{ machine { seq } }'), 'machine') as { seq: number };
  return { server, seq };
}

test('every range of them', async () => {
  const { server, seq } = await busy();
  const outcomes = new Set<string>();
  for (let to = 1; to <= seq; to += 3) {
    const whole = await groupsOf(server, `(at: ${to})`, '');
    for (let from = 0; from < to; from += 7) {
      const wanted = whole
        .filter(({ endedSeq }) => endedSeq === null || endedSeq > from)
        .map(group =>
          from > 0 && (group.requestedSeq ?? 0) <= from
            ? { ...group, requestedSeq: null, requestedAt: null }
            : group,
        );
      const found = await groupsOf(server, '', `from: ${from}, to: ${to}`);
      expect(found, `(${from}, ${to}]`).toEqual(wanted);
      for (const { outcome } of found) outcomes.add(outcome);
    }
  }
  expect([...outcomes].sort()).toEqual(['ANSWERED', 'QUEUED', 'READ', 'TAKEN_AWAY']);
});

test('the stages of each are those of its life', async () => {
  const { server, seq } = await busy();
  const groups = await groupsOf(server, '', `from: 0, to: ${seq}`);
  expect(groups.length).toBeGreaterThan(6);
  for (const group of groups) {
    const data = await ask(
      server,
      `{ machine { iopfGroupLife(iopfGroupId: ${group.iopfGroupId}) { stages { stage event { seq operation { at } } } } } }`,
    );
    const stages = at(data, 'machine', 'iopfGroupLife', 'stages') as unknown as {
      stage: string;
      event: { seq: number; operation: { at: string } };
    }[];
    const place = (...names: string[]) => {
      const found = stages.find(({ stage }) => names.includes(stage))?.event;
      return [found?.seq ?? null, found?.operation.at ?? null];
    };
    expect([group.requestedSeq, group.requestedAt]).toEqual(place('PAGE_REQUESTED'));
    expect([group.queuedSeq, group.queuedAt]).toEqual(place('QUEUED'));
    expect([group.readSeq, group.readAt]).toEqual(place('READ'));
    expect([group.endedSeq, group.endedAt]).toEqual(place('ANSWERED', 'AUTO_ANSWERED', 'FLUSHED'));
  }
});

test('by an address, and by a range of them', async () => {
  const { server } = await busy();
  const all = await groupsOf(server, '', 'where: {}');
  const pages = (await ask(
    server,
    '{ machine { iopfGroups(first: 1000) { edges { node { iopfGroupId requests { addr } } } } } }',
  )) as unknown as { machine: { iopfGroups: { edges: readonly { node: Paged }[] } } };
  const withPage = (start: bigint, last: bigint) =>
    pages.machine.iopfGroups.edges
      .filter(({ node }) =>
        node.requests.some(({ addr }) => BigInt(addr) <= last && BigInt(addr) + 0xfffn >= start),
      )
      .map(({ node }) => node.iopfGroupId);
  const found = async (where: string) =>
    (await groupsOf(server, '', `where: {${where}}`)).map(({ iopfGroupId }) => iopfGroupId);
  const addresses = pages.machine.iopfGroups.edges.flatMap(({ node }) =>
    node.requests.map(({ addr }) => BigInt(addr)),
  );
  const [low] = addresses.toSorted((a, b) => (a < b ? -1 : 1));
  const one = withPage(low! + 8n, low! + 8n);
  expect(one.length).toBeGreaterThan(0);
  expect(await found(`addr: "0x${(low! + 8n).toString(16)}"`)).toEqual(one);
  const last = low! + 0x2000n;
  const some = withPage(low!, last);
  expect(some.length).toBeLessThanOrEqual(all.length);
  const range = `addr: "0x${low!.toString(16)}", addrLast: "0x${last.toString(16)}"`;
  expect(await found(range)).toEqual(some);
  expect(await found('addr: "0x0", addrLast: "0xffffffffffffffff"')).toHaveLength(all.length);
});

interface Paged {
  readonly iopfGroupId: number;
  readonly requests: readonly { readonly addr: string }[];
}

const REFUSED = [
  ['from: 2, to: 1', 'BAD_USER_INPUT', /^"from" must be at most "to", 1, not 2$/],
  [
    'where: { addr: "0x2000", addrLast: "0x1000" }',
    'BAD_USER_INPUT',
    /^"where.addrLast" is 0x1000 and "where.addr" is 0x2000; it must be no higher$/,
  ],
  [
    'where: { bdf: "zz" }',
    'BAD_USER_INPUT',
    /^"where.bdf" must be a PCI address such as "0000:01:00.0", or a mock device's name such as "iommufd_mock0", not "zz"$/,
  ],
  ['where: { bdf: "0000:01:00.9" }', 'BAD_USER_INPUT', /^"where.bdf" must be/],
  ['where: { bdf: "iommufd_mockx" }', 'BAD_USER_INPUT', /^"where.bdf" must be/],
  [
    'where: { minWait: -1 }',
    'BAD_USER_INPUT',
    /^"where.minWait" must be milliseconds from 0, not -1$/,
  ],
  [
    'where: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }',
    'BAD_USER_INPUT',
    /^"where.from" is 2026-01-02T00:00:00.000Z and "where.to" is 2026-01-01T00:00:00.000Z; it must be no later$/,
  ],
  ['where: { addrLast: "0x1000" }', 'BAD_USER_INPUT', /and "where.addr" is missing;/],
  ['to: 9999', 'SEQ_OUT_OF_RANGE', /^"to" must be from 0 to \d+, /],
] as const;

test.each(REFUSED)('iopfGroups(%s) is refused: %s', async (args, code, said) => {
  const { errors } = await post(
    await start(),
    `{ machine { iopfGroups(${args}) { totalCount } } }`,
  );
  expect(errors[0]!.message).toMatch(said);
  expect(errors[0]!.extensions?.code).toBe(code);
});
