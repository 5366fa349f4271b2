/** A second reading of vfio_compat.c, apart from the core. null: no opinion. */
import type { Errno } from '../../../abi/errno.ts';
import type { Area, Ioas, IommufdContext } from '../../../core/iommufd/state.ts';
import type { Command, CommandOf } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import { alignmentOf, behind, complies, ioasOf, mapUserErrno, pagingHwptsOf } from './ioas.ts';

const MAX = 2n ** 64n - 1n;

export function expectedVfioCompatErrno(state: MachineState, command: Command): Errno | null {
  if (!command.type.startsWith('Vfio') || !('contextId' in command)) return null;
  const context = state.contexts.get(command.contextId);
  if (!context?.fileOpen) return 'EBADF';
  const ioas = context.vfioIoasId === null ? null : ioasOf(context, context.vfioIoasId);
  switch (command.type) {
    case 'VfioGetApiVersion':
      return 0;
    case 'VfioCheckExtension':
      return command.extension === 4n && ioas === null ? 'ENODEV' : 0;
    case 'VfioGetInfo':
      return ioas === null ? 'ENODEV' : 0;
    case 'VfioSetIommu':
      return setErrno(context, ioas, command.iommuType);
    case 'VfioMapDma': {
      const { flags, vaddr: userVa, size: length, iova: fixed } = command;
      if (flags > 3) return 'EINVAL';
      if (ioas === null) return 'ENODEV';
      // Write is the same bit in both; read is another, and decides nothing.
      return mapUserErrno(state, context, ioas, { userVa, length, fixed, flags: flags & 2 });
    }
    case 'VfioUnmapDma':
      return unmapErrno(context, ioas, command);
    default:
      return null;
  }
}

function setErrno(context: IommufdContext, ioas: Ioas | null, type: bigint): Errno {
  if (type !== 1n && type !== 3n) return 'EINVAL';
  if (ioas === null) return 'ENODEV';
  if (type === 3n || !ioas.largePages) return 0;
  if (pagingHwptsOf(context, ioas).length > 0 && [...ioas.areas].length > 0) return 'EINVAL';
  return complies(ioas, 4096n) ? 0 : 'EADDRINUSE';
}

function unmapErrno(
  context: IommufdContext,
  ioas: Ioas | null,
  { flags, iova, size }: CommandOf<'VfioUnmapDma'>,
): Errno {
  if (flags !== 0 && flags !== 2) return 'EINVAL';
  if (ioas === null) return 'ENODEV';
  if (flags === 2) return iova === 0n && size === 0n ? 0 : 'EINVAL';
  let areas: readonly Area[] = [...ioas.areas];
  if (!ioas.largePages) {
    const alignment = alignmentOf(context, ioas);
    for (const end of [(iova + size) & MAX, iova]) {
      const cut = cutAt(areas, end, alignment);
      if (cut === null) return 'EINVAL';
      areas = cut;
    }
  }
  if (size === 0n) return 'EINVAL';
  const last = iova + size - 1n;
  if (last > MAX) return 'EOVERFLOW';
  const met = areas.filter(area => area.start <= last && area.last >= iova);
  return met.every(area => area.start >= iova && area.last <= last) ? 0 : 'ENOENT';
}

/** The areas, cut before an IOVA; null: they may not be. */
function cutAt(areas: readonly Area[], iova: bigint, alignment: bigint): readonly Area[] | null {
  const whole = areas.find(area => area.start < iova && area.last >= iova);
  if (whole === undefined || whole.start === iova - 1n) return areas;
  const userVa = behind(whole, iova);
  if (iova % alignment !== 0n || userVa % alignment !== 0n || whole.pins !== null) return null;
  const parts = [
    { ...whole, last: iova - 1n },
    { ...whole, start: iova, userVa },
  ];
  return areas.flatMap(area => (area === whole ? parts : [area]));
}
