/** A machine with modelled hardware whose caches, tables and log are long to look through. */
import { type HttpClient, untyped } from './client.ts';

export const HARD = 'hard';
/** Translations of 2 MiB in the ATC; the table has small pages in their places since. */
export const LARGE = 32;
/** Afterwards each of these caches 4,096 small pages. */
const SMALL_DMAS = 4;
/** Bytes of the most that one DMA moves. */
const DMA_BYTES = 0x100_0000;

const M = `machineId: "${HARD}"`;
const C = `${M}, contextId: 1`;
const BDF = `${M}, bdf: "0000:01:00.0"`;
const IOVA = 0x4000_0000;
const GPA = 0x800_0000;
const LARGE_BYTES = LARGE * 0x20_0000;
const SIZE = LARGE_BYTES + SMALL_DMAS * DMA_BYTES;
const hex = (value: number) => `"0x${value.toString(16)}"`;

const GUEST_MAP = `${C}, hwptId: 5, iova: ${hex(IOVA)}, gpa: ${hex(GPA)}, length: ${hex(SIZE)}, tablesGpa: "0x200000", tablesLength: "0x100000"`;
const NESTED = `${C}, devId: 1, ptId: 3, faultId: 4, flags: [IOMMU_HWPT_FAULT_ID_VALID]`;

/** 512 entries, all the same. */
const table = (gpa: number, entry: number) =>
  Array.from(
    { length: 512 },
    (_, index) => `{gpa: ${hex(gpa + 8 * index)}, value: ${hex(entry)}}`,
  ).join(' ');

const MAKING: readonly string[] = [
  `machineCreate(input: {${M}, iommus: [{vendor: VTD}], devices: [{bdf: "0000:01:00.0", hardware: {iommu: 0}}]})`,
  `contextOpen(input: {${M}, process: {memory: [{start: "0x10000000", last: "0x4fffffff"}]}})`,
  `deviceBind(input: {${BDF}, contextId: 1})`,
  `ioasAlloc(input: {${C}})`,
  `hwptAlloc(input: {${C}, devId: 1, ptId: 2, flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]})`,
  `faultQueueAlloc(input: {${C}})`,
  `hwptAlloc(input: {${NESTED}, vtdS1: {pgtblAddr: "0x1000"}})`,
  `ioasMap(input: {${C}, ioasId: 2, userVa: "0x10000000", iova: "0x0", length: ${hex(GPA + SIZE)}, flags: [IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE]})`,
  `deviceAttach(input: {${C}, devId: 1, ptId: 5})`,
  `guestMap(input: {${GUEST_MAP}, pageSize: "0x200000"})`,
  ...Array.from({ length: LARGE }, (_, index) => dma(index * 0x20_0000, 0x1000)),
  `guestUnmap(input: {${C}, hwptId: 5, iova: ${hex(IOVA)}, length: ${hex(SIZE)}})`,
  `guestMap(input: {${GUEST_MAP}})`,
  // Another table of the same guest: three levels of tables that lead to an empty one.
  `hwptAlloc(input: {${NESTED}, vtdS1: {pgtblAddr: "0x10000"}})`,
  `guestWrite(input: {${C}, ioasId: 2, words: [${table(0x1_0000, 0x1_1007)}]})`,
  `guestWrite(input: {${C}, ioasId: 2, words: [${table(0x1_1000, 0x1_2007)}]})`,
  `guestWrite(input: {${C}, ioasId: 2, words: [${table(0x1_2000, 0x1_3007)}]})`,
  ...Array.from({ length: SMALL_DMAS }, (_, index) =>
    dma(LARGE_BYTES + index * DMA_BYTES, DMA_BYTES),
  ),
];

function dma(offset: number, length: number): string {
  return `dma(input: {${BDF}, iova: ${hex(IOVA + offset)}, length: ${hex(length)}})`;
}

/** Makes it; an operation that is refused is an error. */
export async function makeHardwareWorld(client: HttpClient): Promise<void> {
  for (const operation of MAKING) {
    const answer = await client.post(
      untyped(`mutation { made: ${operation} { __typename ... on KernelError { message } } }`),
      {},
    );
    const { made } = answer as unknown as { made: { message?: string } };
    if (made.message !== undefined) throw new Error(`${operation.slice(0, 200)}: ${made.message}`);
  }
}
