/**
 * The mutation of every operation. Each stands with the type of the kernel object it works on; one
 * that is missing does not compile.
 */
import type { CommandType } from '../core/machine/command.ts';
import type { KernelMutation } from './builder/kernel-mutation.ts';
import { DMA_MUTATIONS } from './hardware/dma-mutations.ts';
import { FUNCTION_MUTATIONS } from './hardware/function-mutations.ts';
import { GUEST_MUTATIONS } from './hardware/guest-mutations.ts';
import { HARDWARE_MUTATIONS } from './hardware/mutations.ts';
import { UNIT_MUTATIONS } from './hardware/unit-mutations.ts';
import { DEVICE_MUTATIONS } from './iommufd/device/mutations.ts';
import { FAULT_MUTATIONS } from './iommufd/fault/mutations.ts';
import { DIRTY_MUTATIONS } from './iommufd/hwpt/dirty-mutations.ts';
import { HWPT_MUTATIONS } from './iommufd/hwpt/mutations.ts';
import { IOAS_MUTATIONS } from './iommufd/ioas/mutations.ts';
import { CONTEXT_MUTATIONS } from './iommufd/main/mutations.ts';
import { OPTION_MUTATIONS } from './iommufd/main/option-mutations.ts';
import { USER_MEMORY_MUTATIONS } from './iommufd/main/user-memory.ts';
import { VFIO_COMPAT_MUTATIONS } from './iommufd/main/vfio-compat-mutations.ts';
import { ACCESS_MUTATIONS } from './iommufd/selftest/access-mutations.ts';
import { TEST_MEMORY_MUTATIONS } from './iommufd/selftest/memory-mutations.ts';
import { SELFTEST_MUTATIONS } from './iommufd/selftest/mutations.ts';
import { PASID_MUTATIONS } from './iommufd/selftest/pasid-mutations.ts';
import { VFIO_MUTATIONS } from './vfio/mutations.ts';

/** machineCreate makes the machine first, whatIf alone replaces kernels, programs alone call wrongly. */
type Others = 'MachineCreate' | 'KernelReplace' | 'CallRefused' | 'CallAnswered';

export const MUTATIONS: { readonly [T in Exclude<CommandType, Others>]: KernelMutation<T> } = {
  ...SELFTEST_MUTATIONS,
  ...PASID_MUTATIONS,
  ...TEST_MEMORY_MUTATIONS,
  ...ACCESS_MUTATIONS,
  ...FAULT_MUTATIONS,
  ...IOAS_MUTATIONS,
  ...OPTION_MUTATIONS,
  ...VFIO_COMPAT_MUTATIONS,
  ...CONTEXT_MUTATIONS,
  ...USER_MEMORY_MUTATIONS,
  ...DEVICE_MUTATIONS,
  ...DIRTY_MUTATIONS,
  ...HWPT_MUTATIONS,
  ...VFIO_MUTATIONS,
  ...HARDWARE_MUTATIONS,
  ...DMA_MUTATIONS,
  ...FUNCTION_MUTATIONS,
  ...GUEST_MUTATIONS,
  ...UNIT_MUTATIONS,
};
