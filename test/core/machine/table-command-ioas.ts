/** The words of the tables of test/core on address spaces and the memory behind them. */
import type { UserProcess } from '../../../src/core/memory/user-process.ts';
import type { ToCommand, Words } from './table-command.ts';

/** Where user memory begins in every process here: 16 MiB of it. */
export const MEMORY = 0x1000_0000n;
const MEMORY_LAST = 0x10ff_ffffn;

/** `hole=16` takes one page out; `lock=8` limits the pages locked and takes CAP_IPC_LOCK away; `process=7` shares a process, with `shares` its memory, too. */
function processOf(words: Words): UserProcess {
  const hole = words.option('hole', -1);
  const lock = words.option('lock', -1);
  const gap = MEMORY + BigInt(hole) * 4096n;
  return {
    memory:
      hole < 0
        ? [{ start: MEMORY, last: MEMORY_LAST }]
        : [
            { start: MEMORY, last: gap - 1n },
            { start: gap + 4096n, last: MEMORY_LAST },
          ],
    capIpcLock: lock < 0 && !words.has('counted'),
    capSysResource: !words.has('unprivileged'),
    rlimitMemlock: lock < 0 ? null : BigInt(lock) * 4096n + BigInt(words.option('bytes', 0)),
    userId: words.option('user', 1000),
    ...(words.optionText('process') === undefined ? {} : { processId: words.option('process', 0) }),
    ...(words.has('shares') ? { sharesMemory: true as const } : {}),
  };
}

/** IOMMU_IOAS_MAP_*: `r`, `w` or `rw`; FIXED unless `auto`. */
function mapFlags(words: Words): number {
  const prot = words.optionText('prot') ?? 'rw';
  const bits = (prot.includes('w') ? 2 : 0) | (prot.includes('r') ? 4 : 0);
  return words.option('flags', bits | (words.has('auto') ? 0 : 1));
}

/** `0x1000-0x1fff|0x3000-0x3fff` */
export function rangesOf(text: string | undefined) {
  return (text?.split('|') ?? []).map(item => {
    const [start, last] = item.split('-');
    return { start: BigInt(start!), last: BigInt(last!) };
  });
}

export const IOAS_VERBS: Readonly<Record<string, ToCommand>> = {
  open: words => ({ type: 'ContextOpen', process: processOf(words) }),
  // memory gone=0x…-0x… there=0x…-0x… [readOnly] [huge]: munmap, mmap of the process of the context
  memory: (words, contextId) => ({
    type: 'UserMemoryChange',
    contextId,
    removed: rangesOf(words.optionText('gone')),
    added: rangesOf(words.optionText('there')).map(range => ({
      ...range,
      ...(words.has('readOnly') ? { readOnly: true as const } : {}),
      ...(words.has('huge') ? { pageSize: 0x20_0000 } : {}),
    })),
  }),
  // map ioas iova length [va=…]: user memory from its first byte on unless said otherwise
  map: (words, contextId) => ({
    type: 'IoasMap',
    contextId,
    ioasId: words.number(0),
    flags: mapFlags(words),
    iova: words.u64(1),
    length: words.u64(2),
    userVa: words.u64Option('va', MEMORY),
  }),
  // copy dst dstIova src srcIova length
  copy: (words, contextId) => ({
    type: 'IoasCopy',
    contextId,
    flags: mapFlags(words),
    dstIoasId: words.number(0),
    dstIova: words.u64(1),
    srcIoasId: words.number(2),
    srcIova: words.u64(3),
    length: words.u64(4),
  }),
  unmap: (words, contextId) => ({
    type: 'IoasUnmap',
    contextId,
    ioasId: words.number(0),
    iova: words.u64(1),
    length: words.u64(2),
  }),
  ranges: (words, contextId) => ({
    type: 'IoasIovaRanges',
    contextId,
    ioasId: words.number(0),
    numIovas: words.option('room', 16),
  }),
  allow: (words, contextId) => ({
    type: 'IoasAllowIovas',
    contextId,
    ioasId: words.number(0),
    allowedIovas: rangesOf(words.optionText('to')),
  }),
  option: (words, contextId) => ({
    type: 'Option',
    contextId,
    optionId: words.number(0),
    op: words.number(1),
    objectId: words.number(2),
    val64: words.u64Option('val', 0n),
  }),
  vfioIoas: (words, contextId) => ({
    type: 'VfioIoas',
    contextId,
    op: words.number(0),
    ioasId: words.option('ioas', 0),
  }),
  vfioVersion: (_words, contextId) => ({ type: 'VfioGetApiVersion', contextId }),
  vfioCheck: (words, contextId) => ({
    type: 'VfioCheckExtension',
    contextId,
    extension: words.u64(0),
  }),
  vfioSet: (words, contextId) => ({ type: 'VfioSetIommu', contextId, iommuType: words.u64(0) }),
  vfioInfo: (_words, contextId) => ({ type: 'VfioGetInfo', contextId }),
  // vfioMap iova size [va=…] [flags=…]
  vfioMap: (words, contextId) => ({
    type: 'VfioMapDma',
    contextId,
    flags: words.option('flags', 3),
    iova: words.u64(0),
    size: words.u64(1),
    vaddr: words.u64Option('va', MEMORY),
  }),
  vfioUnmap: (words, contextId) => ({
    type: 'VfioUnmapDma',
    contextId,
    flags: words.option('flags', 0),
    iova: words.u64(0),
    size: words.u64(1),
  }),
  track: (words, contextId) => ({
    type: 'HwptSetDirtyTracking',
    contextId,
    hwptId: words.number(0),
    flags: words.option('flags', 1),
  }),
  bitmap: (words, contextId) => ({
    type: 'HwptGetDirtyBitmap',
    contextId,
    hwptId: words.number(0),
    iova: words.u64(1),
    length: words.u64(2),
    flags: words.option('flags', 0),
    pageSize: words.u64Option('page', 4096n),
  }),
  reserve: (words, contextId) => ({
    type: 'TestAddReserved',
    contextId,
    ioasId: words.number(0),
    start: words.u64(1),
    length: words.u64(2),
  }),
  checkMap: (words, contextId) => ({
    type: 'TestMdCheckMap',
    contextId,
    hwptId: words.number(0),
    iova: words.u64(1),
    length: words.u64(2),
    userVa: words.u64Option('va', MEMORY),
  }),
  checkRefs: (words, contextId) => ({
    type: 'TestMdCheckRefs',
    contextId,
    userVa: words.u64(0),
    length: words.u64(1),
    refs: words.number(2),
  }),
  memoryLimit: (words, contextId) => ({
    type: 'TestSetTempMemoryLimit',
    contextId,
    limit: words.number(0),
  }),
  dirty: (words, contextId) => ({
    type: 'TestDirty',
    contextId,
    hwptId: words.number(0),
    iova: words.u64(1),
    length: words.u64(2),
    pageSize: words.u64Option('page', 2048n),
    bitmap: words.u64Option('bits', 0xffff_ffff_ffff_ffffn),
    ...(words.optionText('more') === undefined ? {} : { moreBits: words.optionText('more')! }),
  }),
  access: (words, contextId) => ({
    type: 'TestCreateAccess',
    contextId,
    ioasId: words.number(0),
    flags: words.option('flags', words.has('pins') ? 1 : 0),
  }),
  closeAccess: (words, contextId) => ({
    type: 'TestAccessClose',
    contextId,
    accessId: words.number(0),
  }),
  moveAccess: (words, contextId) => ({
    type: 'TestAccessReplaceIoas',
    contextId,
    accessId: words.number(0),
    ioasId: words.number(1),
  }),
  pin: (words, contextId) => ({
    type: 'TestAccessPages',
    contextId,
    accessId: words.number(0),
    iova: words.u64(1),
    length: words.u64(2),
    flags: words.option('flags', words.has('write') ? 1 : 0),
    ...(words.has('differs') ? { compared: 'EBADE' as const } : {}),
  }),
  unpin: (words, contextId) => ({
    type: 'TestDestroyAccessPages',
    contextId,
    accessId: words.number(0),
    itemId: words.number(1),
  }),
  rw: (words, contextId) => ({
    type: 'TestAccessRw',
    contextId,
    accessId: words.number(0),
    iova: words.u64(1),
    length: words.u64(2),
    flags: words.option('flags', words.has('write') ? 1 : 0),
    fill: words.option('fill', 0xab),
    ...(words.optionText('data') === undefined ? {} : { data: words.optionText('data')! }),
  }),
};
