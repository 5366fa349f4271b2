/** Which machine with modelled hardware a seed gives: vendors, queues, caches, functions, kernel. */
import { BASELINES, type BaselineName } from '../../abi/baselines.ts';
import { DEFAULT_POLICIES, type Policies } from '../../abi/policies.ts';
import type { FunctionSpec } from '../../core/hardware/function/state.ts';
import type { PciDeviceSpec } from '../../core/hardware/state.ts';
import type { TableFormat } from '../../core/hardware/tables/access.ts';
import { DEFAULT_IOMMU } from '../../core/hardware/unit/possible.ts';
import type { IommuSpec } from '../../core/hardware/unit/state.ts';
import {
  type AnswerSettings,
  DEFAULT_ANSWER_SETTINGS,
} from '../../core/hardware/vendors/automatic-answer.ts';
import type { IommuVendor } from '../../core/hardware/vendors/names.ts';
import { type Kernel, kernelText, REFERENCE } from '../kernels.ts';
import { pci } from '../machine.ts';
import { Prng } from '../prng.ts';

/** The five vendors, SMMUv3 with page requests and with stalls. */
export const HARDWARE_VARIANTS = [
  'CONFORMING',
  'VTD',
  'SMMUV3',
  'SMMUV3_STALL',
  'AMD_VI',
  'RISCV',
] as const;
export type HardwareVariant = (typeof HARDWARE_VARIANTS)[number];

export interface HardwareProfile extends Kernel {
  readonly variant: HardwareVariant;
  readonly iommus: readonly IommuSpec[];
  readonly devices: readonly PciDeviceSpec[];
}

/** Seeds go through the variants in turn. */
export function hardwareProfileOf(seed: number): HardwareProfile {
  const variant = HARDWARE_VARIANTS[seed % HARDWARE_VARIANTS.length]!;
  // Not the stream of the commands: a change here must not change those.
  const random = new Prng(seed ^ 0x5eed_4a7d);
  const vendor = variant === 'SMMUV3_STALL' ? 'SMMUV3' : variant;
  const tableFormat = formatOf(random, vendor);
  const iommu = (): IommuSpec => iommuOf(random, vendor, tableFormat);
  const stall = variant === 'SMMUV3_STALL';
  return {
    variant,
    ...kernelOf(random),
    iommus: [iommu(), iommu()],
    devices: devicesOf(random, stall),
  };
}

/** The seeds that give a variant, `count` of them from the lowest on. */
export function seedsOf(variant: HardwareVariant, count: number): readonly number[] {
  const first = HARDWARE_VARIANTS.indexOf(variant);
  return Array.from({ length: count }, (_, i) => first + (i + 1) * HARDWARE_VARIANTS.length);
}

export function profileText(profile: HardwareProfile): string {
  const [{ driver, service, prqEntries, iotlb, tableFormat }] = profile.iommus as [IommuSpec];
  const queue = `${service} queue of ${prqEntries}`;
  const how = `${profile.variant} (${driver}, ${queue}, IOTLB of ${iotlb.entries}, ${tableFormat})`;
  return `${how} on ${kernelText(profile)}`;
}

/** Kernels whose drivers do something else with what they read. */
const DIFFERENT: readonly BaselineName[] = ['V6_PATCH', 'LINUX_7_3_4'];

function kernelOf(random: Prng): Kernel {
  if (random.chance(0.5)) return REFERENCE;
  const policies: Policies = random.pick([
    DEFAULT_POLICIES,
    DEFAULT_POLICIES,
    { ...DEFAULT_POLICIES, inFlightRequests: 'NOT_DRAINED' },
    { ...DEFAULT_POLICIES, autoResponse: 'ONLY_TO_PLAIN' },
    { ...DEFAULT_POLICIES, virtualFunctions: 'EMULATED_PRI' },
    { ...DEFAULT_POLICIES, virtualFunctions: 'EMULATED_PRI' },
  ] satisfies Policies[]);
  return { baseline: random.pick([...BASELINES, ...DIFFERENT, ...DIFFERENT]), policies };
}

function formatOf(random: Prng, vendor: IommuVendor): TableFormat | null {
  if (vendor === 'RISCV') return random.pick(['RISCV_SV39', 'RISCV_SV48', 'RISCV_SV57']);
  if (vendor === 'SMMUV3') return random.pick(['ARM_4K', 'ARM_4K', null]);
  return random.pick([null, null, 'VTD_5_LEVELS']);
}

const CACHE_SIZES = [2, 8, 64, 65_536] as const;

function iommuOf(random: Prng, vendor: IommuVendor, tableFormat: TableFormat | null): IommuSpec {
  const asLinux = vendor !== 'RISCV' && random.chance(0.4);
  return {
    ...DEFAULT_IOMMU,
    vendor,
    driver: asLinux ? 'AS_LINUX' : 'CONFORMING',
    prqEntries: random.pick([2, 4, 8, 16]),
    service: random.chance(0.4) ? 'IMMEDIATE' : 'MANUAL',
    iotlb: { entries: random.pick(CACHE_SIZES), lru: random.chance(0.4) },
    invalidationTimeoutTicks: random.pick([10, 100]),
    tableFormat,
    answers: answersOf(random, vendor),
    ...(asLinux && (vendor === 'SMMUV3' || vendor === 'AMD_VI')
      ? { faultCapableNested: true }
      : {}),
  };
}

/** Of what is drawn, that which the vendor has. */
function answersOf(random: Prng, vendor: IommuVendor): AnswerSettings {
  const drawn: AnswerSettings = {
    answersWithPasid: random.chance(0.7),
    alwaysWithPasid: random.chance(0.3),
    contextReadable: random.chance(0.8),
    amdAutoResponse: random.pick([
      null,
      { code: 0, withPasid: true },
      { code: 1, withPasid: false },
      { code: 15, withPasid: true },
    ]),
  };
  if (vendor === 'SMMUV3') return { ...drawn, amdAutoResponse: null };
  const { answersWithPasid, amdAutoResponse } = drawn;
  if (vendor === 'RISCV') return { ...DEFAULT_ANSWER_SETTINGS, answersWithPasid };
  return vendor === 'AMD_VI'
    ? { ...DEFAULT_ANSWER_SETTINGS, amdAutoResponse }
    : DEFAULT_ANSWER_SETTINGS;
}

/** Two plain ones, one that shares its group, a virtual one, a broken cache, none, no PRI. */
function devicesOf(random: Prng, stall: boolean): PciDeviceSpec[] {
  const ats = (respondsToInvalidation: boolean): FunctionSpec['ats'] => ({
    invalidateQueueDepth: random.pick([1, 2, 32]),
    respondsToInvalidation,
    entries: random.pick(CACHE_SIZES),
    lru: random.chance(0.3),
  });
  const spec = (differences: Partial<FunctionSpec> = {}): FunctionSpec => ({
    iommuNo: 0,
    ats: stall ? null : ats(true),
    priCapacity: random.pick([1, 2, 4, 16, 32]),
    pasidWidth: 20,
    stall,
    ...differences,
  });
  const pri = !stall || random.chance(0.3);
  return [
    pci('0000:01:00.0', { pri, hardware: spec() }),
    pci('0000:01:00.1', { pri, physfn: '0000:01:00.0', hardware: spec() }),
    pci('0000:02:00.0', { pri, hardware: spec() }),
    pci('0000:02:00.1', { pri, groupWith: '0000:02:00.0', hardware: spec() }),
    pci('0000:03:00.0', { pri, hardware: spec(stall ? {} : { ats: ats(false) }) }),
    pci('0000:04:00.0', { pri: false, hardware: spec({ ats: null }) }),
    pci('0000:05:00.0', { pri, hardware: spec({ iommuNo: 1, pasidWidth: 0 }) }),
    pci('0000:06:00.0', { pri: false, hardware: spec({ stall: false, ats: ats(true) }) }),
  ];
}
