/** What fails where areas are filled into domains. Source: drivers/iommu/iommufd/pages.c, 6.12.117. */
import type { Errno } from '../../../abi/errno.ts';
import type { Execution } from '../../machine/execution.ts';

interface Filled {
  /** Pages are pinned; else they are another domain's already. */
  readonly pins: boolean;
  /** The self-test's domain is among those that are filled. */
  readonly mock: boolean;
}

/**
 * One allocation, and the failure points of the self-test (iommufd_should_fail). Errors: ENOMEM;
 * EFAULT, pinning is to fail; ENOENT, the self-test's domain is to fail.
 */
export function failsToFill(x: Execution, name: string, { pins, mock }: Filled): Errno {
  if (!x.allocates(name)) return 'ENOMEM';
  const pin = 'pfn_reader_user_pin iommufd_should_fail';
  if (pins && !x.allocates(pin, 'EFAULT')) return 'EFAULT';
  const map = 'mock_domain_map_pages iommufd_should_fail';
  return mock && !x.allocates(map, 'ENOENT') ? 'ENOENT' : 0;
}
