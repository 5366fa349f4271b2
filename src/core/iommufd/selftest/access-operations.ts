/**
 * In-kernel accesses of the self-test: made, moved, closed. Mirrors iommufd_access_* of
 * drivers/iommu/iommufd/device.c and the access operations of selftest.c, Linux 6.12.117.
 */
import type { Errno } from '../../../abi/errno.ts';
import { MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES } from '../../../abi/uapi.ts';
import { answer, inContext, refused, whileHeld } from '../../machine/answer.ts';
import type { Execution } from '../../machine/execution.ts';
import type { Operation, OperationEntries } from '../../machine/operation-entry.ts';
import { Refusal } from '../../machine/refusal.ts';
import { ACCESS_CREATE_FLAGS, unknownFlags } from '../../refuse/flags.ts';
import { unpinItems } from '../ioas/unmap.ts';
import { objectAlloc } from '../main/object.ts';
import { releaseIfUnheld } from '../main/release.ts';
import type { IommufdContext } from '../state.ts';
import { accessOf, addAccess } from './access.ts';

/** IOMMU_TEST_OP_CREATE_ACCESS (iommufd_test_create_access). */
export interface TestCreateAccess {
  readonly type: 'TestCreateAccess';
  readonly contextId: number;
  readonly ioasId: number;
  readonly flags: number;
}

/** close of an access' file (iommufd_test_staccess_release). */
export interface TestAccessClose {
  readonly type: 'TestAccessClose';
  readonly contextId: number;
  readonly accessId: number;
}

/** IOMMU_TEST_OP_ACCESS_REPLACE_IOAS (iommufd_test_access_replace_ioas). */
export interface TestAccessReplaceIoas {
  readonly type: 'TestAccessReplaceIoas';
  readonly contextId: number;
  readonly accessId: number;
  readonly ioasId: number;
}

export interface AccessOperations {
  TestCreateAccess: Operation<TestCreateAccess, { readonly outAccessId: number }>;
  TestAccessClose: Operation<TestAccessClose, { readonly contextReleased: boolean }>;
  TestAccessReplaceIoas: Operation<TestAccessReplaceIoas, Record<string, never>>;
}

export const ACCESS_OPERATIONS: OperationEntries<AccessOperations> = {
  TestCreateAccess: {
    sentence: 'IOMMU_TEST_OP_CREATE_ACCESS (iommufd_test_create_access).',
    mutation: 'testCreateAccess',
    support: {
      name: 'IOMMU_TEST_OP_CREATE_ACCESS and close of its file',
      source: 'iommufd_test_create_access (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: 'The file is named by the id of its access; dup is not modelled.',
    },
    arguments: { contextId: 'contextId', ioasId: 'u32', flags: 'u32' },
    execute: inContext((x, context, command) =>
      answer(executeTestCreateAccess(x, context, command), outAccessId => ({ outAccessId })),
    ),
  },
  TestAccessClose: {
    sentence: "close of an access' file (iommufd_test_staccess_release).",
    mutation: 'testAccessClose',
    support: { rowOf: 'TestCreateAccess' },
    arguments: { contextId: 'contextId', accessId: 'accessFile' },
    execute: whileHeld((x, context, command) =>
      answer(executeTestAccessClose(x, context, command), contextReleased => ({ contextReleased })),
    ),
  },
  TestAccessReplaceIoas: {
    sentence: 'IOMMU_TEST_OP_ACCESS_REPLACE_IOAS (iommufd_test_access_replace_ioas).',
    mutation: 'testAccessReplaceIoas',
    support: {
      name: 'IOMMU_TEST_OP_ACCESS_REPLACE_IOAS',
      source: 'iommufd_test_access_replace_ioas (drivers/iommu/iommufd/selftest.c)',
      status: 'SUPPORTED',
      note: '',
    },
    arguments: { contextId: 'contextId', accessId: 'accessFile', ioasId: 'u32' },
    execute: inContext((x, context, command) =>
      refused(executeTestAccessReplaceIoas(x, context, command)),
    ),
  },
};

/** Errors: EOPNOTSUPP, an unknown flag; ENOENT; EADDRINUSE, areas are not page aligned; ENOMEM. */
function executeTestCreateAccess(
  x: Execution,
  context: IommufdContext,
  { ioasId, flags }: TestCreateAccess,
): number | Refusal {
  return x.call('iommufd_test_create_access', () => {
    const { contextId } = context;
    const known = MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES;
    const unknown = unknownFlags(flags, known, ACCESS_CREATE_FLAGS);
    if (unknown !== null) return unknown;
    if (!x.allocates('kzalloc selftest_access')) return new Refusal('ENOMEM');
    if (!x.allocates('anon_inode_getfile')) return new Refusal('ENOMEM');
    if (!x.allocates('get_unused_fd_flags')) return new Refusal('ENOMEM');
    const rc = objectAlloc(x, context);
    if (rc !== 0) return new Refusal(rc);
    const needsPinPages = flags === MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES;
    const ioas = x.getIoas(context, ioasId);
    if (ioas instanceof Refusal) return ioas;
    const attached = x.call('iommufd_access_attach', () => addAccess(x, ioas, needsPinPages));
    if (attached !== 0) return new Refusal(attached);
    const accessId = context.ids.peek();
    x.emit({ type: 'AccessCreated', contextId, accessId, needsPinPages });
    x.emit({ type: 'AccessIoasChanged', contextId, accessId, ioasId });
    return accessId;
  });
}

/** Unpins everything and destroys the access. Returns whether the context went with it. */
function executeTestAccessClose(
  x: Execution,
  context: IommufdContext,
  { accessId }: TestAccessClose,
): boolean | Refusal {
  let released = false;
  const rc = x.call('iommufd_access_destroy', () => {
    const access = context.objects.get(accessId);
    if (access?.type !== 'ACCESS') return new Refusal('EBADF', 'ACCESS_ABSENT', { accessId });
    const { contextId } = context;
    unpinItems(x, context, accessId, access.items.keys());
    if (access.ioasId !== null) {
      x.emit({ type: 'AccessIoasChanged', contextId, accessId, ioasId: null });
    }
    x.emit({ type: 'ObjectDestroyed', contextId, id: accessId, objectType: 'ACCESS' });
    released = releaseIfUnheld(x, context);
    return 0;
  });
  return rc instanceof Refusal ? rc : released;
}

/** Errors: EBADFD, ENOENT, EADDRINUSE. The new IOAS is added before the old lets go. */
function executeTestAccessReplaceIoas(
  x: Execution,
  context: IommufdContext,
  { accessId, ioasId }: TestAccessReplaceIoas,
): Errno {
  return x.call('iommufd_test_access_replace_ioas', () => {
    const access = accessOf(x, context, accessId);
    if (access instanceof Refusal) return access.errno;
    return x.call('iommufd_access_replace', () => {
      if (access.ioasId === null) return x.refuse('ENOENT', 'ACCESS_NOT_ATTACHED', { accessId });
      const ioas = x.getIoas(context, ioasId);
      if (ioas instanceof Refusal) return ioas.errno;
      if (access.ioasId === ioasId) return 0;
      const rc = addAccess(x, ioas, access.needsPinPages);
      if (rc !== 0) return rc;
      unpinItems(x, context, accessId, access.items.keys());
      x.emit({ type: 'AccessIoasChanged', contextId: context.contextId, accessId, ioasId });
      return 0;
    });
  });
}
