/** Why a guest's table is not edited, in words. */
import type { ErrnoName } from '../../../abi/errno.ts';
import type { RefusalRule } from '../../../abi/refusal-rules.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Facts, Refusal } from '../../machine/refusal.ts';
import { refuse } from '../refuse.ts';
import type { EditRefusal } from '../tables/edit.ts';

/** `facts`: what the sentences name of the command. */
export function editRefused(x: Execution, why: EditRefusal, facts: Facts): Refusal {
  return refuse(x, 'guest', ERRNO_OF[why], RULE_OF[why], facts);
}

const RULE_OF: Readonly<Record<EditRefusal, RefusalRule>> = {
  NOT_ALIGNED: 'GUEST_RANGE_UNALIGNED',
  PAGE_SIZE: 'GUEST_PAGE_SIZE',
  RIGHTS: 'GUEST_RIGHTS',
  OUTPUT_TOO_WIDE: 'GUEST_GPA',
  NOT_CANONICAL: 'GUEST_IOVA',
  TABLE_UNREADABLE: 'GUEST_TABLE_UNREADABLE',
  ENTRY_IN_THE_WAY: 'GUEST_ENTRY_IN_THE_WAY',
  NO_TABLE_PAGES: 'NO_TABLE_PAGES',
  PART_OF_LARGE_PAGE: 'PART_OF_LARGE_PAGE',
};

const ERRNO_OF: Readonly<Record<EditRefusal, ErrnoName>> = {
  NOT_ALIGNED: 'EINVAL',
  PAGE_SIZE: 'EINVAL',
  RIGHTS: 'EINVAL',
  OUTPUT_TOO_WIDE: 'EINVAL',
  NOT_CANONICAL: 'EINVAL',
  TABLE_UNREADABLE: 'EFAULT',
  ENTRY_IN_THE_WAY: 'EEXIST',
  NO_TABLE_PAGES: 'ENOSPC',
  PART_OF_LARGE_PAGE: 'EINVAL',
};
