/** A story of a device that really moves bytes, through a fault; and of a handler that forgets. */
import { REFUSED, type StoryStep } from './story-step.ts';

const M = 'machineId: "copy"';
const C = `${M}, contextId: 1`;

/** Operations 1 to 13; 14 reads, 15 maps, 16 answers. */
export const COPY_MAKE: StoryStep = {
  name: 'DMA: a device copies a page, and one is missing',
  text: 'This machine has an IOMMU whose queues, caches and page tables are modelled, and a device that runs a program: copy a page from 0x40000000 to 0x40001000. The guest’s memory is the first MiB, its page table lies at 0x1000. It wrote eight bytes and mapped the page they are in; the page they go to it did not map. The device reads, asks for the missing page, and waits.',
  query: `mutation CopyMake {
  forgot: machineDelete(input: { machineId: "forgot" })
  copy: machineDelete(input: { ${M} })
  machineCreate(input: {
    ${M}, iommus: [{ vendor: VTD }]
    devices: [{ bdf: "0000:01:00.0", hardware: { iommu: 0 } }]
  }) { ...Seen }
  contextOpen(input: { ${M} }) { ...Seen }
  deviceBind(input: {
    ${C}, bdf: "0000:01:00.0"
  }) { ...Seen }
  ioasAlloc(input: { ${C} }) { ...Seen }
  parent: hwptAlloc(input: {
    ${C}, devId: 1, ptId: 2
    flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
  }) { ...Seen }
  faultQueueAlloc(input: {
    ${C}
  }) { ...Seen }
  guest: hwptAlloc(input: {
    ${C}, devId: 1, ptId: 3
    flags: [IOMMU_HWPT_FAULT_ID_VALID], faultId: 4
    vtdS1: { pgtblAddr: "0x1000" }
  }) { ...Seen }
  ioasMap(input: {
    ${C}, ioasId: 2
    userVa: "0x10000000", iova: "0x0", length: "0x100000"
    flags: [
      IOMMU_IOAS_MAP_FIXED_IOVA
      IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE
    ]
  }) { ...Seen }
  deviceAttach(input: {
    ${C}, devId: 1, ptId: 5
  }) { ...Seen }
  guestWrite(input: {
    ${C}, ioasId: 2
    words: [{ gpa: "0x80000", value: "0x8877665544332211" }]
  }) { ...Seen }
  guestMap(input: {
    ${C}, hwptId: 5
    iova: "0x40000000", gpa: "0x80000", length: "0x1000"
    tablesGpa: "0x2000", tablesLength: "0x10000"
  }) { ...Seen }
  deviceProgramLoad(input: {
    ${M}, bdf: "0000:01:00.0"
    ops: [{
      op: COPY, length: "0x1000"
      iova: "0x40000000", toIova: "0x40001000"
    }]
  }) { ...Seen }
  deviceRun(input: { ${M}, bdf: "0000:01:00.0" }) {
    ... on DeviceRunPayload { state events { summary } }
    ${REFUSED}
  }
}
fragment Seen on OperationResult {
  seq
  ${REFUSED}
}`,
};

export const COPY_READ: StoryStep = {
  name: 'DMA: what the handler gets',
  text: 'The handler reads the group as it would from a real device: one page, to be written.',
  query: `subscription CopyRead {
  iopfGroups(${C}, faultId: 4) {
    kind
    iopfGroup { cookie messages { grpid perm addr } }
  }
}`,
};

export const COPY_ANSWER: StoryStep = {
  name: 'DMA: mapped, answered, and the bytes arrive',
  text: 'The handler maps the page in the guest’s table and says SUCCESS. The device looks again, as it must: this time the walk finds the page, and the eight bytes are where they were to go.',
  query: `mutation CopyAnswer {
  guestMap(input: {
    ${C}, hwptId: 5
    iova: "0x40001000", gpa: "0x90000", length: "0x1000"
    tablesGpa: "0x2000", tablesLength: "0x10000"
  }) {
    ... on GuestMapPayload { words }
    ${REFUSED}
  }
  faultWrite(input: {
    ${C}, faultId: 4
    responses: [{ cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS }]
  }) {
    ... on FaultWritePayload {
      events { summary }
      machine {
        context(contextId: 1) {
          memoryAt(userVa: "0x10090000", length: 8)
        }
      }
    }
    ${REFUSED}
  }
}`,
};

export const COPY_FORGET: StoryStep = {
  name: 'DMA: the same with a handler that forgets to map',
  text: 'The same past, but the handler says SUCCESS and maps nothing: its guestMap, operation 15, is left out. The device looks again, finds nothing and asks again; the hazard says so, and which event planted it.',
  query: `mutation CopyForget {
  whatIf(input: {
    machineId: "copy", newMachineId: "forgot", atOperation: 14
    edits: [{ operation: 15, leaveOut: true }]
  }) {
    machine {
      hazards { name detail plantedSeq }
      pciDevice(bdf: "0000:01:00.0") {
        ... on PciDevice {
          program { state }
          dmas { dmaId state retries iova write }
        }
      }
      context(contextId: 1) {
        memoryAt(userVa: "0x10090000", length: 8)
      }
    }
  }
}`,
};

export const COPY_WALK: StoryStep = {
  name: 'DMA: why the page is missing',
  text: '`translate` walks as the device does, and shows each step: every table address goes through the second stage first. The last entry is empty.',
  query: `query CopyWalk {
  machine(machineId: "forgot") {
    pciDevice(bdf: "0000:01:00.0") {
      translate(iova: "0x40001000", write: true) {
        walk {
          steps { stage level address entry leadsTo fault }
          recoverable
          recorded { code name }
        }
      }
    }
    dmaLife(dmaId: 2) {
      ended
      stages { event { seq summary } }
    }
  }
}`,
};

/** What the README tells, too. */
export const COPY_TOLD: readonly StoryStep[] = [COPY_MAKE, COPY_READ, COPY_ANSWER, COPY_FORGET];

export const COPY: readonly StoryStep[] = [...COPY_TOLD, COPY_WALK];
