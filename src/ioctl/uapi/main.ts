/** ioctls on a context as a whole (drivers/iommu/iommufd/{main,fault,vfio_compat}.c, 6.12.117). */
import {
  IOMMU_DESTROY,
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_OPTION,
  IOMMU_VFIO_IOAS,
} from '../../abi/ioctl/iommufd.ts';
import { IOMMU_VFIO_IOAS_GET } from '../../abi/uapi.ts';
import { failure } from './caller.ts';
import { type IoctlEntry, ioctlEntry } from './ioctl-entry.ts';
import { plainIoctl } from './plain-ioctl.ts';

export const MAIN_CALLS: readonly IoctlEntry[] = [
  plainIoctl(IOMMU_DESTROY, 'Destroy'),

  ioctlEntry(IOMMU_OPTION, async call => {
    const { contextId, cmd } = call;
    const reserved = call.checkReserved();
    if (reserved !== 0) return reserved;
    const { errno, reply } = await call.execute({
      type: 'Option',
      contextId,
      optionId: cmd.u32('option_id'),
      op: cmd.u32('op'),
      objectId: cmd.u32('object_id'),
      val64: cmd.u64('val64'),
    });
    if (reply === null) return failure(errno);
    cmd.set('val64', reply.val64);
    return call.respondAt(...IOMMU_OPTION.fields.val64);
  }),

  ioctlEntry(IOMMU_VFIO_IOAS, async call => {
    const { contextId, cmd } = call;
    const reserved = call.checkReserved();
    if (reserved !== 0) return reserved;
    const op = cmd.u32('op');
    const ioasId = cmd.u32('ioas_id');
    const { errno, reply } = await call.execute({ type: 'VfioIoas', contextId, ioasId, op });
    if (reply === null) return failure(errno);
    if (op !== IOMMU_VFIO_IOAS_GET) return 0;
    cmd.set('ioas_id', reply.ioasId);
    return call.respond();
  }),

  ioctlEntry(IOMMU_FAULT_QUEUE_ALLOC, async call => {
    const { contextId, cmd, caller } = call;
    const { errno, reply } = await call.execute({
      type: 'FaultQueueAlloc',
      contextId,
      flags: cmd.u32('flags'),
    });
    if (reply === null) return failure(errno);
    const faultId = reply.outFaultId;
    cmd.set('out_fault_id', faultId);
    // A number that the program has cannot be taken back, so the answer must find its place before.
    const room = call.respond();
    const fd = room === 0 ? caller.handOut({ type: 'FAULT', contextId, faultId }) : room;
    if (fd < 0) {
      await call.execute({ type: 'FaultClose', contextId, faultId });
      await call.execute({ type: 'Destroy', contextId, id: faultId });
      return fd;
    }
    cmd.set('out_fault_fd', fd);
    return call.respond();
  }),
];
