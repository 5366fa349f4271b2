/** Random commands in the way of a VFIO container: types, mappings, what is cut. */
import type { IommufdContext } from '../../../core/iommufd/state.ts';
import type { CommandOf } from '../../../core/machine/command.ts';
import type { Prng } from '../../prng.ts';
import type { Makers } from '../maker.ts';
import { contextIdOf } from '../pick.ts';
import { ioasOf, iovaOf, lengthOf, mappedRange, userVaOf } from './range.ts';

function unmapDma(random: Prng, context: IommufdContext | null): CommandOf<'VfioUnmapDma'> {
  const contextId = contextIdOf(random, context);
  if (random.chance(0.1)) {
    const wrong = random.chance(0.3) ? 4096n : 0n;
    return { type: 'VfioUnmapDma', contextId, flags: 2, iova: 0n, size: wrong };
  }
  const { iova, length } = mappedRange(random, ioasOf(context, context?.vfioIoasId ?? 0));
  const size = random.chance(0.5) ? length : BigInt(random.below(4)) << 12n;
  return { type: 'VfioUnmapDma', contextId, flags: random.chance(0.03) ? 1 : 0, iova, size };
}

export const VFIO_COMPAT_MAKERS = {
  VfioGetApiVersion: (random, _state, context) => ({
    type: 'VfioGetApiVersion',
    contextId: contextIdOf(random, context),
  }),
  VfioCheckExtension: (random, _state, context) => ({
    type: 'VfioCheckExtension',
    contextId: contextIdOf(random, context),
    extension: random.pick([1n, 4n, 4n, 9n, 10n]),
  }),
  VfioSetIommu: (random, _state, context) => ({
    type: 'VfioSetIommu',
    contextId: contextIdOf(random, context),
    iommuType: random.pick([1n, 1n, 1n, 3n, 8n]),
  }),
  VfioGetInfo: (random, _state, context) => ({
    type: 'VfioGetInfo',
    contextId: contextIdOf(random, context),
  }),
  VfioMapDma: (random, _state, context) => ({
    type: 'VfioMapDma',
    contextId: contextIdOf(random, context),
    flags: random.pick([3, 3, 3, 2, 1, 0, 4]),
    vaddr: userVaOf(random),
    iova: iovaOf(random),
    size: lengthOf(random),
  }),
  VfioUnmapDma: (random, _state, context) => unmapDma(random, context),
} as const satisfies Makers;
