/**
 * A machine for the handlers beside this file: an IOMMU, two functions with ATS and PRI on one
 * nested hwpt, and a guest of 1 MiB. What a VMM would do to the guest is a mutation each.
 */
const MACHINE = 'machineId: "dma"';
const CONTEXT = `${MACHINE}, contextId: 1`;
const DEVICES = ['0000:01:00.0', '0000:02:00.0'] as const;
/** The guest's memory lies here in its VMM. */
const USER_VA = 0x1000_0000n;
/** Pages of the guest, one after the other, back the pages that devices ask for from IOVA on. */
export const IOVA = 0x4000_0000n;
const DATA = 0x8_0000n;
const PAGES = 64n;
const PAGE = 4096n;

const hex = (value: bigint) => `0x${value.toString(16)}`;

/** Sends a document; what the kernel refuses is an error here. */
export async function send(url: string, query: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors, extensions } = (await response.json()) as Answer;
  const wrong = errors ?? extensions?.refusals;
  if (wrong !== undefined) throw new Error(JSON.stringify(wrong));
  return data;
}

interface Answer {
  readonly data: Record<string, unknown>;
  readonly errors?: readonly unknown[];
  readonly extensions?: { readonly refusals?: readonly unknown[] };
}

/** Both functions on hwpt 5, whose faults come to fault queue 4 of context 1. */
export async function makeMachine(url: string): Promise<void> {
  const device = (bdf: string) => `{ bdf: "${bdf}", hardware: { iommu: 0 } }`;
  await send(
    url,
    `mutation {
      machineCreate(input: {
        ${MACHINE}, iommus: [{}], devices: [${DEVICES.map(device)}]
      }) { errno }
      contextOpen(input: { ${MACHINE} }) { errno }
      first: deviceBind(input: { ${CONTEXT}, bdf: "${DEVICES[0]}" }) { errno }
      ioasAlloc(input: { ${CONTEXT} }) { errno }
      parent: hwptAlloc(input: {
        ${CONTEXT}, devId: 1, ptId: 2, flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
      }) { errno }
      faultQueueAlloc(input: { ${CONTEXT} }) { errno }
      nested: hwptAlloc(input: {
        ${CONTEXT}, devId: 1, ptId: 3, faultId: 4
        flags: [IOMMU_HWPT_FAULT_ID_VALID], vtdS1: { pgtblAddr: "0x1000" }
      }) { errno }
      ioasMap(input: {
        ${CONTEXT}, ioasId: 2, userVa: "${hex(USER_VA)}", iova: "0x0", length: "0x100000"
        flags: [IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]
      }) { errno }
      one: deviceAttach(input: { ${CONTEXT}, devId: 1, ptId: 5 }) { errno }
      second: deviceBind(input: { ${CONTEXT}, bdf: "${DEVICES[1]}" }) { errno }
      two: deviceAttach(input: { ${CONTEXT}, devId: 6, ptId: 5 }) { errno }
    }`,
  );
}

/** Whether the guest has something for a page at all. */
export function isOfGuest(iova: bigint): boolean {
  return iova >= IOVA && iova < IOVA + PAGES * PAGE;
}

/** The guest maps one page in its own table. */
export async function mapPage(url: string, iova: bigint): Promise<void> {
  const gpa = hex(DATA + (iova - IOVA));
  await send(
    url,
    `mutation { guestMap(input: {
      ${CONTEXT}, hwptId: 5, iova: "${hex(iova)}", gpa: "${gpa}", length: "0x1000"
      tablesGpa: "0x2000", tablesLength: "0x40000"
    }) { errno } }`,
  );
}

/** The guest takes one page out of its table. Devices and IOMMU may still have it cached. */
export async function unmapPage(url: string, iova: bigint): Promise<void> {
  const range = `iova: "${hex(iova)}", length: "0x1000"`;
  await send(url, `mutation { guestUnmap(input: { ${CONTEXT}, hwptId: 5, ${range} }) { errno } }`);
}

/** IOTLB and the devices' caches forget a page (IOMMU_HWPT_INVALIDATE). */
export async function invalidatePage(url: string, iova: bigint): Promise<void> {
  await send(
    url,
    `mutation { hwptInvalidate(input: {
      ${CONTEXT}, hwptId: 5, dataType: IOMMU_HWPT_INVALIDATE_DATA_VTD_S1
      entries: [{ addr: "${hex(iova)}", npages: "0x1" }]
    }) { errno } }`,
  );
}

/** A function reads a page; where it is not mapped, the read waits for a handler. */
export async function readPage(url: string, iova: bigint, device: 0 | 1 = 0): Promise<void> {
  const range = `iova: "${hex(iova)}", length: "0x1000"`;
  await send(
    url,
    `mutation { dma(input: { ${MACHINE}, bdf: "${DEVICES[device]}", ${range} }) { errno } }`,
  );
}

/** A function is reset: it forgets what it asked for, and counts its group indexes anew. */
export async function resetDevice(url: string, device: 0 | 1 = 0): Promise<void> {
  await send(
    url,
    `mutation { deviceReset(input: { ${MACHINE}, bdf: "${DEVICES[device]}" }) { errno } }`,
  );
}

/** What went wrong so far: each hazard, and the operation that planted it. */
export async function hazards(url: string): Promise<readonly string[]> {
  const data = await send(
    url,
    `{ machine(machineId: "dma") {
      hazards { name detail plantedBy { number command } }
    } }`,
  );
  const { machine } = data as unknown as Met;
  return machine.hazards.map(({ name, detail, plantedBy }) => {
    const by = plantedBy === null ? '' : ` (operation ${plantedBy.number}, ${plantedBy.command})`;
    return `${name}: ${detail}${by}`;
  });
}

interface Met {
  readonly machine: { readonly hazards: readonly Hazard[] };
}

interface Hazard {
  readonly name: string;
  readonly detail: string;
  readonly plantedBy: { readonly number: number; readonly command: string } | null;
}

/** DMAs that wait. */
export async function waiting(url: string): Promise<number> {
  const data = await send(
    url,
    '{ machine(machineId: "dma") { physicalDevices(first: 2) { ... on PciDevice { dmas { dmaId } } } } }',
  );
  const { machine } = data as unknown as Devices;
  return machine.physicalDevices.reduce((sum, { dmas }) => sum + dmas.length, 0);
}

interface Devices {
  readonly machine: { readonly physicalDevices: readonly { readonly dmas: readonly unknown[] }[] };
}
