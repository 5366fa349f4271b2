/** Operations of IOMMU_TEST_CMD on PASIDs (drivers/iommu/iommufd/selftest.c, 7.3.4): from 6.15 on. */
import { type IOMMU_TEST_CMD, TEST_OPS } from '../../abi/ioctl/selftest.ts';
import { failure, type Returned } from './caller.ts';
import type { IoctlCall } from './ioctl-call.ts';
import { Struct } from './struct.ts';

type Call = IoctlCall<typeof IOMMU_TEST_CMD.fields>;

/** The mock device and its PASID. */
function pasidOf({ contextId, cmd }: Call) {
  const { fields } = TEST_OPS.pasid_detach;
  const pasid = new Struct(fields, cmd.bytes).u32('pasid');
  return { contextId, stdevId: cmd.u32('id'), pasid };
}

/** Source: iommufd_test_pasid_attach. */
async function pasidAttach(call: Call): Promise<Returned> {
  const attach = new Struct(TEST_OPS.pasid_attach.fields, call.cmd.bytes);
  const at = pasidOf(call);
  const ptId = attach.u32('pt_id');
  const { errno, reply } = await call.execute({ type: 'TestPasidAttach', ...at, ptId });
  if (reply === null) return failure(errno);
  attach.set('pt_id', reply.ptId);
  return call.respondOr({ type: 'TestPasidDetach', ...at });
}

/** It stays replaced, also if the answer cannot be written. Source: iommufd_test_pasid_replace. */
async function pasidReplace(call: Call): Promise<Returned> {
  const replace = new Struct(TEST_OPS.pasid_replace.fields, call.cmd.bytes);
  const ptId = replace.u32('pt_id');
  const { errno, reply } = await call.execute({
    type: 'TestPasidReplace',
    ...pasidOf(call),
    ptId,
  });
  if (reply === null) return failure(errno);
  replace.set('pt_id', reply.ptId);
  return call.respond();
}

function pasidCheck(call: Call): Promise<Returned> {
  const { fields } = TEST_OPS.pasid_check;
  const hwptId = new Struct(fields, call.cmd.bytes).u32('hwpt_id');
  return call.run({ type: 'TestPasidCheckHwpt', ...pasidOf(call), hwptId });
}

/** What runs each operation, by its number. */
export const PASID_RUNS: readonly (readonly [number, (call: Call) => Promise<Returned>])[] = [
  [TEST_OPS.pasid_attach.op, pasidAttach],
  [TEST_OPS.pasid_replace.op, pasidReplace],
  [TEST_OPS.pasid_detach.op, call => call.run({ type: 'TestPasidDetach', ...pasidOf(call) })],
  [TEST_OPS.pasid_check.op, pasidCheck],
];
