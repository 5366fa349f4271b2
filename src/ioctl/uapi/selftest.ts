/** IOMMU_TEST_CMD, the self-test's ioctl (iommufd_test of drivers/iommu/iommufd/selftest.c, 6.12.117). */

import type { ErrnoName } from '../../abi/errno.ts';
import type { StructLayout } from '../../abi/ioctl/layout.ts';
import { IOMMU_TEST_CMD, TEST_OPS } from '../../abi/ioctl/selftest.ts';
import {
  MOCK_ACCESS_LENGTH_MAX,
  MOCK_ACCESS_RW_WRITE,
  MOCK_DIRTY_BITS_MAX,
  PAGE_SIZE,
} from '../../abi/uapi.ts';
import type { ReachedPiece } from '../../core/iommufd/selftest/access-rw.ts';
import type { CommandOf } from '../../core/machine/command.ts';
import type { Event } from '../../core/machine/event.ts';
import type { Reached } from '../memory/reached.ts';
import { type Caller, failure, type Returned } from './caller.ts';
import type { IoctlCall } from './ioctl-call.ts';
import { type IoctlEntry, ioctlEntry } from './ioctl-entry.ts';
import { PASID_RUNS } from './selftest-pasid.ts';
import { Struct } from './struct.ts';

type Call = IoctlCall<typeof IOMMU_TEST_CMD.fields>;
type Run = (call: Call) => Promise<Returned>;

/** The member of the union that an operation uses, over the same bytes. */
function member<F extends StructLayout['fields']>({ cmd }: Call, { fields }: { fields: F }) {
  return new Struct(fields, cmd.bytes);
}

/** No access has this id: looking for it fails as looking for a file that is none does. */
const NO_ACCESS = 0xffff_ffff;

/** The access whose file has the number that the call names, and its context. */
function accessOf({ cmd, caller, contextId }: Call): { contextId: number; accessId: number } {
  const kind = caller.fileAt(cmd.u32('id') | 0)?.kind;
  if (kind?.type !== 'ACCESS') return { contextId, accessId: NO_ACCESS };
  return { contextId: kind.contextId, accessId: kind.accessId };
}

async function mockDomain(call: Call, devFlags: number): Promise<Returned> {
  const { contextId, cmd } = call;
  const ptId = cmd.u32('id');
  const { errno, reply } = await call.execute({
    type: 'TestMockDomain',
    contextId,
    ptId,
    devFlags,
  });
  if (reply === null) return failure(errno);
  const out = member(call, TEST_OPS.mock_domain);
  out.set('out_stdev_id', reply.outStdevId);
  out.set('out_hwpt_id', reply.outHwptId);
  out.set('out_idev_id', reply.outIdevId);
  return call.respondOr({ type: 'Destroy', contextId, id: reply.outStdevId });
}

async function mockDomainReplace(call: Call): Promise<Returned> {
  const { contextId, cmd } = call;
  const replace = member(call, TEST_OPS.mock_domain_replace);
  const { errno, reply } = await call.execute({
    type: 'TestMockDomainReplace',
    contextId,
    stdevId: cmd.u32('id'),
    ptId: replace.u32('pt_id'),
  });
  if (reply === null) return failure(errno);
  replace.set('pt_id', reply.ptId);
  return call.respond();
}

async function createAccess(call: Call): Promise<Returned> {
  const { contextId, cmd, caller } = call;
  const create = member(call, TEST_OPS.create_access);
  const { errno, reply } = await call.execute({
    type: 'TestCreateAccess',
    contextId,
    ioasId: cmd.u32('id'),
    flags: create.u32('flags'),
  });
  if (reply === null) return failure(errno);
  const accessId = reply.outAccessId;
  // A number that the program has cannot be taken back, so the answer must find its place before.
  const room = call.respond();
  const fd = room === 0 ? caller.handOut({ type: 'ACCESS', contextId, accessId }) : room;
  if (fd < 0) {
    await call.execute({ type: 'TestAccessClose', contextId, accessId });
    // Why no number is free is not passed on.
    return room === 0 ? failure('ENOMEM') : room;
  }
  create.set('out_access_fd', fd);
  return call.respond();
}

async function accessPages(call: Call): Promise<Returned> {
  const { caller } = call;
  const pages = member(call, TEST_OPS.access_pages);
  const access = accessOf(call);
  const iova = pages.u64('iova');
  const uptr = pages.u64('uptr');
  // The pointer belongs to the first byte; pages are compared from their starts.
  const own = uptr - (iova % PAGE);
  const command: CommandOf<'TestAccessPages'> = {
    type: 'TestAccessPages',
    ...access,
    flags: pages.u32('flags'),
    iova,
    length: pages.u64('length'),
  };
  const { errno, reply } =
    uptr === 0n
      ? await call.execute(command)
      : await caller.executeReaching(command, (asked, pieces, reached) => {
          const compared = comparePages(caller, own, pieces, reached);
          return compared === 0 ? asked : { ...asked, compared };
        });
  if (reply === null) return failure(errno);
  pages.set('out_access_pages_id', reply.outItemId);
  return call.respondOr({ type: 'TestDestroyAccessPages', ...access, itemId: reply.outItemId });
}

const PAGE = BigInt(PAGE_SIZE);

/**
 * Whether the caller's pages from an address on are those that an access pins. Private memory is told by
 * its address: what a child has not written yet counts as its own. Source: iommufd_test_check_pages.
 */
function comparePages(
  { memory, processId }: Caller,
  own: bigint,
  pieces: readonly ReachedPiece[],
  reached: Reached,
): ErrnoName | 0 {
  let address = own;
  for (const piece of pieces) {
    const end = piece.userVa + piece.length;
    for (let page = piece.userVa - (piece.userVa % PAGE); page < end; page += PAGE) {
      if (memory.readSome(address, 1).length === 0) return 'EFAULT';
      const [a, b] = [
        reached.identity(processId, address),
        reached.identity(piece.processId, page),
      ];
      if (a === null || a.of !== b?.of || a.at !== b.at) return 'EBADE';
      address += PAGE;
    }
  }
  return 0;
}

/**
 * A program's bytes go with the operation: those of its buffer, or those of memory where it reads.
 * Source: iommufd_test_access_rw.
 */
async function accessRw(call: Call): Promise<Returned> {
  const { caller } = call;
  const test = member(call, TEST_OPS.access_rw);
  const uptr = test.u64('uptr');
  const length = test.u64('length');
  const flags = test.u32('flags');
  const command: CommandOf<'TestAccessRw'> = {
    type: 'TestAccessRw',
    ...accessOf(call),
    flags,
    iova: test.u64('iova'),
    length,
    fill: 0,
  };
  if ((flags & MOCK_ACCESS_RW_WRITE) !== 0) {
    const wanted = length > MOCK_ACCESS_LENGTH_MAX ? 0 : Number(length);
    const data = caller.memory.readSome(uptr, wanted);
    const outcome = await call.execute({ ...command, data: data.toString('hex') });
    writeReached(caller, data, outcome.events);
    return failure(outcome.errno);
  }
  const { errno, reply } = await caller.executeReaching(command, (asked, pieces, reached) => {
    const parts: Buffer[] = [];
    for (const piece of pieces) {
      const part = reached.read(piece);
      parts.push(part);
      if (part.length < Number(piece.length)) break;
    }
    return { ...asked, data: Buffer.concat(parts).toString('hex') };
  });
  if (reply === null) return failure(errno);
  return caller.memory.writeAll(uptr, Buffer.from(reply.data, 'hex')) ? 0 : failure('EFAULT');
}

/** What the machine let through stands in memory before the caller goes on. */
function writeReached(caller: Caller, data: Buffer, events: readonly Event[]): void {
  for (const event of events) {
    if (event.type !== 'UserMemoryWritten') continue;
    const { processId, userVa, length, from } = event;
    caller.reached().write(processId, userVa, data.subarray(from, from + Number(length)));
  }
}

/** Bytes of the bitmap that are a number of their own. */
const FIRST_BYTES = 8;

/** Source: iommufd_test_dirty. The bitmap is read after everything else was checked. */
async function dirty(call: Call): Promise<Returned> {
  const { contextId, cmd, caller } = call;
  const test = member(call, TEST_OPS.dirty);
  const [length, pageSize, uptr] = [test.u64('length'), test.u64('page_size'), test.u64('uptr')];
  const bits = pageSize === 0n ? 0n : length / pageSize;
  const wanted = bits > MOCK_DIRTY_BITS_MAX ? 0 : Number((bits + 7n) / 8n);
  const bytes = caller.memory.readSome(uptr, wanted);
  const whole = bytes.length === wanted;
  const { errno, reply } = await call.execute({
    type: 'TestDirty',
    contextId,
    hwptId: cmd.u32('id'),
    iova: test.u64('iova'),
    length: uptr === 0n ? 0n : length,
    pageSize,
    ...(whole ? bitsOf(bytes) : { bitmap: 0n }),
  });
  if (reply === null) return failure(errno);
  if (!whole) return failure('EFAULT');
  test.set('out_nr_dirty', reply.outNrDirty);
  return call.respond();
}

/** The bits without the zeros at the end. */
function bitsOf(bytes: Buffer): { readonly bitmap: bigint; readonly moreBits?: string } {
  const bitmap = littleEndian(bytes.subarray(0, FIRST_BYTES));
  let end = bytes.length;
  while (end > FIRST_BYTES && bytes[end - 1] === 0) end--;
  if (end <= FIRST_BYTES) return { bitmap };
  return { bitmap, moreBits: bytes.toString('hex', FIRST_BYTES, end) };
}

function littleEndian(bytes: Buffer): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

const RUNS: ReadonlyMap<number, Run> = new Map<number, Run>([
  ...PASID_RUNS,
  [TEST_OPS.mock_domain.op, call => mockDomain(call, 0)],
  [
    TEST_OPS.mock_domain_flags.op,
    call => mockDomain(call, member(call, TEST_OPS.mock_domain_flags).u32('dev_flags')),
  ],
  [TEST_OPS.mock_domain_replace.op, mockDomainReplace],
  [TEST_OPS.create_access.op, createAccess],
  [TEST_OPS.access_pages.op, accessPages],
  [TEST_OPS.access_rw.op, accessRw],
  [TEST_OPS.dirty.op, dirty],
  [
    TEST_OPS.add_reserved.op,
    call => {
      const range = member(call, TEST_OPS.add_reserved);
      return call.run({
        type: 'TestAddReserved',
        contextId: call.contextId,
        ioasId: call.cmd.u32('id'),
        start: range.u64('start'),
        length: range.u64('length'),
      });
    },
  ],
  [
    TEST_OPS.check_map.op,
    call => {
      const check = member(call, TEST_OPS.check_map);
      return call.run({
        type: 'TestMdCheckMap',
        contextId: call.contextId,
        hwptId: call.cmd.u32('id'),
        iova: check.u64('iova'),
        length: check.u64('length'),
        userVa: check.u64('uptr'),
      });
    },
  ],
  [
    TEST_OPS.check_refs.op,
    call => {
      const check = member(call, TEST_OPS.check_refs);
      return call.run({
        type: 'TestMdCheckRefs',
        contextId: call.contextId,
        length: check.u64('length'),
        userVa: check.u64('uptr'),
        refs: check.u32('refs'),
      });
    },
  ],
  [
    TEST_OPS.memory_limit.op,
    call =>
      call.run({
        type: 'TestSetTempMemoryLimit',
        contextId: call.contextId,
        limit: member(call, TEST_OPS.memory_limit).u32('limit'),
      }),
  ],
  [
    TEST_OPS.check_iotlb.op,
    call => {
      const check = member(call, TEST_OPS.check_iotlb);
      return call.run({
        type: 'TestMdCheckIotlb',
        contextId: call.contextId,
        hwptId: call.cmd.u32('id'),
        iotlbId: check.u32('id'),
        iotlb: check.u32('iotlb'),
      });
    },
  ],
  [
    TEST_OPS.destroy_access_pages.op,
    call =>
      call.run({
        type: 'TestDestroyAccessPages',
        ...accessOf(call),
        itemId: member(call, TEST_OPS.destroy_access_pages).u32('access_pages_id'),
      }),
  ],
  [
    TEST_OPS.access_replace_ioas.op,
    call =>
      call.run({
        type: 'TestAccessReplaceIoas',
        ...accessOf(call),
        ioasId: member(call, TEST_OPS.access_replace_ioas).u32('ioas_id'),
      }),
  ],
  [
    TEST_OPS.trigger_iopf.op,
    call => {
      const fault = member(call, TEST_OPS.trigger_iopf);
      return call.run({
        type: 'TestTriggerIopf',
        contextId: call.contextId,
        devId: fault.u32('dev_id'),
        pasid: fault.u32('pasid'),
        grpid: fault.u32('grpid'),
        perm: fault.u32('perm'),
        addr: fault.u64('addr'),
        lastPage: true,
      });
    },
  ],
]);

export const SELFTEST_CALLS: readonly IoctlEntry[] = [
  ioctlEntry(IOMMU_TEST_CMD, async call => {
    const op = call.cmd.u32('op');
    const unknown = () => call.caller.refuse('EOPNOTSUPP', 'IOCTL_OP_UNKNOWN', op);
    return RUNS.get(op)?.(call) ?? unknown();
  }),
];
