/** The words of the tables of test/core, as commands. */
import { ULONG_MAX } from '../../../src/abi/uapi.ts';
import type { InvalidateEntry } from '../../../src/core/hardware/iommu-driver.ts';
import type { PageResponse } from '../../../src/core/iommufd/fault/fault-file.ts';
import type { HwptUserData } from '../../../src/core/iommufd/state.ts';
import type { Command } from '../../../src/core/machine/command.ts';
import { pci } from '../../../src/sim/machine.ts';
import type { Names } from './table.ts';
import { IOAS_VERBS, rangesOf } from './table-command-ioas.ts';

/** One line's arguments: those in order, and `name=value` options. */
export class Words {
  readonly verb: string;
  private readonly places: readonly string[];
  private readonly options: ReadonlyMap<string, string>;
  private readonly names: Names;

  constructor(text: string, names: Names) {
    const words = text.split(/\s+/);
    this.verb = words[0]!;
    this.places = words.slice(1).filter(word => !word.includes('='));
    this.options = new Map(
      words.filter(word => word.includes('=')).map(word => word.split('=') as [string, string]),
    );
    this.names = names;
  }

  text(place: number): string {
    const word = this.places[place];
    if (word === undefined) throw new Error(`${this.verb} wants more arguments`);
    return word;
  }

  has(word: string): boolean {
    return this.places.includes(word);
  }

  number(place: number): number {
    return this.valueOf(this.text(place));
  }

  option(name: string, otherwise: number): number {
    const word = this.options.get(name);
    return word === undefined ? otherwise : this.valueOf(word);
  }

  /** A 64-bit argument. */
  u64(place: number): bigint {
    return u64Of(this.text(place));
  }

  u64Option(name: string, otherwise: bigint): bigint {
    const word = this.options.get(name);
    return word === undefined ? otherwise : u64Of(word);
  }

  optionText(name: string): string | undefined {
    return this.options.get(name);
  }

  valueOf(word: string): number {
    const value = this.names.get(word) ?? Number(word);
    if (!Number.isSafeInteger(value)) throw new Error(`"${word}" is no name and no number`);
    return value;
  }
}

function u64Of(word: string): bigint {
  return word === 'MAX' ? ULONG_MAX : BigInt(word);
}

const USER_DATA: Readonly<Record<string, readonly [number, number, HwptUserData | null]>> = {
  none: [0, 0, null],
  mock: [0xdead, 4, { kind: 'SELFTEST', iotlb: 7 }],
  vtd: [1, 24, { kind: 'VTD_S1', flags: 1n, pgtblAddr: 0x1000n, addrWidth: 48 }],
  vtdBadFlags: [1, 24, { kind: 'VTD_S1', flags: 8n, pgtblAddr: 0x1000n, addrWidth: 48 }],
  vtdBadWidth: [1, 24, { kind: 'VTD_S1', flags: 1n, pgtblAddr: 0x1000n, addrWidth: 39 }],
  vtdUnmapped: [1, 24, null],
  mockUnmapped: [0xdead, 4, null],
};

/** `flags/iotlbId/addr/npages`, later ones optional. */
function entriesOf(text: string | undefined): InvalidateEntry[] {
  return (text?.split(',') ?? []).map(item => {
    const [flags, iotlbId, addr, npages] = item.split('/');
    return {
      flags: Number(flags),
      ...(iotlbId ? { iotlbId: Number(iotlbId) } : {}),
      ...(addr ? { addr: BigInt(addr) } : {}),
      ...(npages ? { npages: BigInt(npages) } : {}),
    };
  });
}

function faultWrite(words: Words, contextId: number): Command {
  const text = words.optionText('to');
  const responses: PageResponse[] = (text?.split(',') ?? []).map(item => {
    const [cookie, code, iopfGroupId] = item.split(':').map(Number);
    const meant = iopfGroupId === undefined ? {} : { iopfGroupId };
    return { cookie: cookie!, code: code!, ...meant };
  });
  const count = words.option('count', responses.length * 8);
  const given = words.optionText('given')?.split(',').map(Number);
  const faultId = words.number(0);
  const who = given === undefined ? {} : { given };
  return { type: 'FaultWrite', contextId, faultId, count, responses, ...who };
}

function pageRequest(words: Words) {
  return {
    grpid: words.option('grpid', 0),
    perm: words.option('perm', 1),
    addr: BigInt(words.option('addr', 0x1000)),
    lastPage: !words.has('more'),
  };
}

function hwptAlloc(words: Words, contextId: number): Command {
  const [dataType, dataLen, userData] = USER_DATA[words.optionText('data') ?? 'none']!;
  return {
    type: 'HwptAlloc',
    contextId,
    devId: words.number(0),
    ptId: words.number(1),
    flags: words.option('flags', 0),
    dataType: words.option('type', dataType),
    dataLen: words.option('len', dataLen),
    userData,
    faultId: words.option('fault', 0),
  };
}

/** The PASID of VFIO's calls, if there is one. */
function pasidOf(words: Words): { readonly pasid?: number } {
  return words.optionText('pasid') === undefined ? {} : { pasid: words.option('pasid', 0) };
}

function mockPasid(words: Words, contextId: number) {
  return { contextId, stdevId: words.number(0), pasid: words.number(1) };
}

export type ToCommand = (words: Words, contextId: number) => Command;

const VERBS: Readonly<Record<string, ToCommand>> = {
  close: (_words, contextId) => ({ type: 'ContextClose', contextId }),
  ioasAlloc: (words, contextId) => ({
    type: 'IoasAlloc',
    contextId,
    flags: words.option('flags', 0),
  }),
  hwptAlloc,
  invalidate: (words, contextId) => ({
    type: 'HwptInvalidate',
    contextId,
    hwptId: words.number(0),
    dataType: words.option('type', 0xdeadbeef),
    entryLen: words.option('len', 24),
    entries: entriesOf(words.optionText('entries')),
  }),
  hwInfo: (words, contextId) => ({
    type: 'GetHwInfo',
    contextId,
    devId: words.number(0),
    flags: words.option('flags', 0),
    dataLen: words.option('len', 64),
    ...(words.optionText('type') === undefined ? {} : { inDataType: words.option('type', 0) }),
  }),
  destroy: (words, contextId) => ({ type: 'Destroy', contextId, id: words.number(0) }),
  faultQueueAlloc: (words, contextId) => ({
    type: 'FaultQueueAlloc',
    contextId,
    flags: words.option('flags', 0),
  }),
  read: (words, contextId) => ({
    type: 'FaultRead',
    contextId,
    faultId: words.number(0),
    count: words.number(1),
    reader: 'READ',
    ...(words.optionText('buf') === undefined ? {} : { bufVa: BigInt(words.option('buf', 0)) }),
  }),
  write: faultWrite,
  poll: (words, contextId) => ({ type: 'FaultPoll', contextId, faultId: words.number(0) }),
  closeFault: (words, contextId) => ({ type: 'FaultClose', contextId, faultId: words.number(0) }),
  bind: (words, contextId) => ({ type: 'DeviceBind', contextId, bdf: words.text(0) }),
  attach: (words, contextId) => ({
    type: 'DeviceAttach',
    contextId,
    devId: words.number(0),
    ptId: words.number(1),
    ...pasidOf(words),
  }),
  replace: (words, contextId) => ({
    type: 'DeviceReplace',
    contextId,
    devId: words.number(0),
    ptId: words.number(1),
    ...pasidOf(words),
  }),
  detach: (words, contextId) => ({
    type: 'DeviceDetach',
    contextId,
    devId: words.number(0),
    ...pasidOf(words),
  }),
  unbind: (words, contextId) => ({ type: 'DeviceUnbind', contextId, devId: words.number(0) }),
  send: words => ({
    type: 'PageRequestSend',
    bdf: words.text(0),
    pasid: words.optionText('pasid') === undefined ? null : words.option('pasid', 0),
    ...pageRequest(words),
    hold: words.has('hold'),
  }),
  resume: words => ({ type: 'PageRequestResume', inFlightId: words.number(0) }),
  vpriReset: words => ({ type: 'VpriResetSend', bdf: words.text(0) }),
  mock: (words, contextId) => ({
    type: 'TestMockDomain',
    contextId,
    ptId: words.number(0),
    devFlags: words.option('flags', 0),
  }),
  mockReplace: (words, contextId) => ({
    type: 'TestMockDomainReplace',
    contextId,
    stdevId: words.number(0),
    ptId: words.number(1),
  }),
  pasidAttach: (words, contextId) => ({
    type: 'TestPasidAttach',
    ...mockPasid(words, contextId),
    ptId: words.number(2),
  }),
  pasidReplace: (words, contextId) => ({
    type: 'TestPasidReplace',
    ...mockPasid(words, contextId),
    ptId: words.number(2),
  }),
  pasidDetach: (words, contextId) => ({ type: 'TestPasidDetach', ...mockPasid(words, contextId) }),
  pasidCheck: (words, contextId) => ({
    type: 'TestPasidCheckHwpt',
    ...mockPasid(words, contextId),
    hwptId: words.number(2),
  }),
  trigger: (words, contextId) => ({
    type: 'TestTriggerIopf',
    contextId,
    devId: words.number(0),
    pasid: words.option('pasid', 0),
    ...pageRequest(words),
  }),
  checkIotlb: (words, contextId) => ({
    type: 'TestMdCheckIotlb',
    contextId,
    hwptId: words.number(0),
    iotlbId: words.number(1),
    iotlb: words.number(2),
  }),
  addDevice: words => ({
    type: 'PciDeviceAdd',
    device: pci(words.text(0), {
      groupWith: words.optionText('groupWith') ?? null,
      physfn: words.optionText('physfn') ?? null,
      reservedRegions: rangesOf(words.optionText('reserved')).map(range => ({
        type: 'RESERVED' as const,
        ...range,
      })),
    }),
  }),
  removeDevice: words => ({ type: 'PciDeviceRemove', bdf: words.text(0) }),
  ...IOAS_VERBS,
};

export function commandOf(text: string, names: Names): Command {
  const words = new Words(text, names);
  const toCommand = VERBS[words.verb];
  if (toCommand === undefined) throw new Error(`no verb "${words.verb}"`);
  return toCommand(words, words.option('ctx', 1));
}
