/** The kernels and policies a simulated machine may have. */
import { BASELINES, type BaselineName } from '../abi/baselines.ts';
import type { Policies } from '../abi/policies.ts';
import { DEFAULT_POLICIES } from '../abi/policies.ts';

export interface Kernel {
  readonly baseline: BaselineName;
  readonly policies: Policies;
}

const POLICIES: readonly Policies[] = [
  DEFAULT_POLICIES,
  { ...DEFAULT_POLICIES, inFlightRequests: 'NOT_DRAINED' },
  { ...DEFAULT_POLICIES, autoResponse: 'ONLY_TO_PLAIN' },
  { ...DEFAULT_POLICIES, virtualFunctions: 'EMULATED_PRI' },
];

/** The kernel the traces were recorded on. */
export const REFERENCE: Kernel = { baseline: 'LINUX_6_12_117', policies: DEFAULT_POLICIES };

/** Every kernel with every policy. */
export const KERNELS: readonly Kernel[] = BASELINES.flatMap(baseline =>
  POLICIES.map(policies => ({ baseline, policies })),
);

/** The reference for every third seed; the others go through all kernels, far ones in turn. */
export function kernelOf(seed: number): Kernel {
  if (seed % 3 === 1) return REFERENCE;
  const among = seed - Math.floor((seed + 2) / 3);
  return KERNELS[(among * KERNEL_STRIDE) % KERNELS.length]!;
}

/** Has no divisor in common with the number of kernels, so that every one comes up. */
const KERNEL_STRIDE = 11;

/** The baseline and the policies that are not the default. */
export function kernelText({ baseline, policies }: Kernel): string {
  const others = Object.entries(policies).filter(
    ([name, value]) => DEFAULT_POLICIES[name as keyof Policies] !== value,
  );
  return [baseline, ...others.map(([name, value]) => `${name} ${value}`)].join(', ');
}
