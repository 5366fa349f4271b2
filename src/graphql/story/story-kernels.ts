/** Two more stories: a hazard found, and the same operations on two kernels. */
import { REFUSED, type StoryStep } from './story-step.ts';

/** A second story: two devices in one IOMMU group, and a kernel that forgets which one is gone. */
export const FIND_A_HAZARD: StoryStep = {
  name: 'A hazard found: the attach handle names a device that is gone',
  text: 'Two functions that the IOMMU cannot tell apart share one attachment. The first to attach is remembered in the attach handle. It faults, and is unbound while the other stays. Who reads the fault now makes the kernel use freed memory; the machine survives it and says so.',
  query: `mutation FindAHazard {
  machineDelete(input: { machineId: "hazard" })
  machineCreate(input: { machineId: "hazard", devices: [
    { bdf: "0000:02:00.0" }
    { bdf: "0000:02:00.1", groupWith: "0000:02:00.0" }
  ] }) { __typename ${REFUSED} }
  contextOpen(input: { machineId: "hazard" }) { __typename }
  ioasAlloc(input: { machineId: "hazard", contextId: 1 }) {
    __typename
    ${REFUSED}
  }
  first: deviceBind(input: {
    machineId: "hazard", contextId: 1, bdf: "0000:02:00.0"
  }) {
    ... on DeviceBindPayload { outDevId }
    ${REFUSED}
  }
  second: deviceBind(input: {
    machineId: "hazard", contextId: 1, bdf: "0000:02:00.1"
  }) {
    ... on DeviceBindPayload { outDevId }
    ${REFUSED}
  }
  parent: hwptAlloc(input: {
    machineId: "hazard", contextId: 1, devId: 2, ptId: 1
    flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
  }) {
    ... on HwptAllocPayload { outHwptId }
    ${REFUSED}
  }
  faultQueueAlloc(input: { machineId: "hazard", contextId: 1 }) {
    ... on FaultQueueAllocPayload { outFaultId }
    ${REFUSED}
  }
  guest: hwptAlloc(input: {
    machineId: "hazard", contextId: 1, devId: 2, ptId: 4
    flags: [IOMMU_HWPT_FAULT_ID_VALID], faultId: 5
    vtdS1: { pgtblAddr: "0x7f000" }
  }) {
    ... on HwptAllocPayload { outHwptId }
    ${REFUSED}
  }
  attachFirst: deviceAttach(input: {
    machineId: "hazard", contextId: 1, devId: 2, ptId: 6
  }) {
    __typename
    ${REFUSED}
  }
  attachSecond: deviceAttach(input: {
    machineId: "hazard", contextId: 1, devId: 3, ptId: 6
  }) {
    __typename
    ${REFUSED}
  }
  pageRequest(input: {
    machineId: "hazard", bdf: "0000:02:00.0", grpid: 1, addr: "0x1000"
    perm: [IOMMU_PGFAULT_PERM_READ]
  }) { ... on PageRequestPayload { outcome } }
  deviceUnbind(input: {
    machineId: "hazard", contextId: 1, devId: 2
  }) {
    ... on DeviceUnbindPayload { events { seq summary } }
    ${REFUSED}
  }
  faultRead(input: {
    machineId: "hazard", contextId: 1, faultId: 5
  }) {
    ... on FaultReadPayload {
      faults { devId addr cookie }
      machine {
        hazards {
          seq name kind function detail objects plantedSeq kernels
        }
      }
    }
    ${REFUSED}
  }
}`,
};

/** The operations of the third story on one machine, each under an alias with `prefix`. */
function replaceBetweenQueues(machineId: string, baseline: string, prefix: string): string {
  const to = `machineId: "${machineId}"`;
  return `
  ${prefix}Delete: machineDelete(input: { ${to} })
  ${prefix}Machine: machineCreate(input: {
    ${to}, baseline: ${baseline}
    devices: [{ bdf: "0000:01:00.0" }]
  }) { __typename }
  ${prefix}Open: contextOpen(input: { ${to} }) { __typename }
  ${prefix}Ioas: ioasAlloc(input: { ${to}, contextId: 1 }) {
    __typename
  }
  ${prefix}Bind: deviceBind(input: {
    ${to}, contextId: 1, bdf: "0000:01:00.0"
  }) { __typename }
  ${prefix}Parent: hwptAlloc(input: {
    ${to}, contextId: 1, devId: 2, ptId: 1
    flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
  }) { __typename }
  ${prefix}QueueOne: faultQueueAlloc(input: {
    ${to}, contextId: 1
  }) { __typename }
  ${prefix}QueueTwo: faultQueueAlloc(input: {
    ${to}, contextId: 1
  }) { __typename }
  ${prefix}GuestOne: hwptAlloc(input: {
    ${to}, contextId: 1, devId: 2, ptId: 3
    flags: [IOMMU_HWPT_FAULT_ID_VALID], faultId: 4
    vtdS1: { pgtblAddr: "0x10000" }
  }) { __typename }
  ${prefix}GuestTwo: hwptAlloc(input: {
    ${to}, contextId: 1, devId: 2, ptId: 3
    flags: [IOMMU_HWPT_FAULT_ID_VALID], faultId: 5
    vtdS1: { pgtblAddr: "0x20000" }
  }) { __typename }
  ${prefix}Attach: deviceAttach(input: {
    ${to}, contextId: 1, devId: 2, ptId: 6
  }) { __typename }
  ${prefix}Fault: pageRequest(input: {
    ${to}, bdf: "0000:01:00.0"
    grpid: 1, addr: "0x1000"
  }) { ... on PageRequestPayload { outcome } }
  ${prefix}Replace: deviceReplace(input: {
    ${to}, contextId: 1, devId: 2, ptId: 7
  }) {
    ... on DeviceReplacePayload { events { seq layer summary } }
    ${REFUSED}
  }`;
}

/** A third story: the same operations on two kernels. */
export const TWO_KERNELS: StoryStep = {
  name: 'Two kernels side by side: a replace between two fault queues',
  text: 'The same operations on two machines, one as Linux 6.12.117, one as Linux 6.15. A fault waits in the first queue when the device moves to a hwpt with another queue. One kernel answers it; the other looks into the wrong queue, and the group stays behind with a freed attach handle.',
  query: `mutation TwoKernels {${replaceBetweenQueues('k6-12', 'LINUX_6_12_117', 'a')}
${replaceBetweenQueues('k6-15', 'LINUX_6_15', 'b')}
}`,
};

export const COMPARE_KERNELS: StoryStep = {
  name: 'Two kernels side by side: what is left',
  text: 'The first queue of both machines, and the hazards they met.',
  query: `query CompareKernels {
  a: machine(machineId: "k6-12") { ...Left }
  b: machine(machineId: "k6-15") { ...Left }
}

fragment Left on Machine {
  baseline
  seq
  context(contextId: 1) {
    object(id: 4) {
      ... on FaultQueue {
        deliver { iopfGroupId attachHandle { attachHandleId } }
      }
    }
  }
  hazards { name kind detail kernels }
}`,
};
