/** Tables that many cases start from. Devices: src/sim/machine.ts. */

/** A bound PCI function with PRI, and one hwpt of each kind for it. */
export const PCI_HWPTS = `
  dev = bind 0000:01:00.0
  ioas = ioasAlloc
  parent = hwptAlloc dev ioas flags=1
  plain = hwptAlloc dev ioas
  q = faultQueueAlloc
  fault = hwptAlloc dev parent flags=4 data=vtd fault=q
  nested = hwptAlloc dev parent data=vtd
`;

/** The same, attached to the fault-capable hwpt. */
export const PCI_FAULTING = `${PCI_HWPTS}
  attach dev fault
`;

/** Two functions of one IOMMU group, bound, with a second fault queue and fault-capable hwpt. */
export const SHARED_GROUP = `
  a = bind 0000:02:00.0
  b = bind 0000:02:00.1
  ioas = ioasAlloc
  parent = hwptAlloc a ioas flags=1
  plain = hwptAlloc a ioas
  q = faultQueueAlloc
  fault = hwptAlloc a parent flags=4 data=vtd fault=q
  q2 = faultQueueAlloc
  fault2 = hwptAlloc a parent flags=4 data=vtd fault=q2
`;

/** A mock device attached through an automatic hwpt, with hwpts and a fault queue for it. */
export const MOCK = `
  ioas = ioasAlloc
  m = mock ioas
  parent = hwptAlloc m.dev ioas flags=1
  q = faultQueueAlloc
  fault = hwptAlloc m.dev parent flags=4 data=mock fault=q
  nested = hwptAlloc m.dev parent data=mock
`;

/** A PCI function with hwpts for PASIDs (IOMMU_HWPT_ALLOC_PASID); from 6.15 on. */
export const PCI_PASIDS = `
  dev = bind 0000:01:00.0
  ioas = ioasAlloc
  parent = hwptAlloc dev ioas flags=9
  plain = hwptAlloc dev ioas
  wide = hwptAlloc dev ioas flags=8
  q = faultQueueAlloc
  fault = hwptAlloc dev parent flags=12 data=vtd fault=q
  q2 = faultQueueAlloc
  fault2 = hwptAlloc dev parent flags=12 data=vtd fault=q2
`;

/** Two mock devices of one IOMMU group that have PASIDs, attached, with hwpts for PASIDs. */
export const MOCK_PASIDS = `
  ioas = ioasAlloc
  one = mock ioas flags=4
  wide = hwptAlloc one.dev ioas flags=8
  wide2 = hwptAlloc one.dev ioas flags=8
  mockReplace one wide
  m = mock wide flags=260
`;
