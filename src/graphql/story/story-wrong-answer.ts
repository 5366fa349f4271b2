/** A story of going back: a handler answers the wrong group. */
import { REFUSED, type StoryStep } from './story-step.ts';

const M = 'machineId: "wrong"';
const C = `${M}, contextId: 1`;

/** Operations 1 to 7 make the machine; 8 and 9 fault, 10 reads, 11 answers, 12 faults again. */
export const GO_WRONG: StoryStep = {
  name: 'Going back: the handler mixes up two groups',
  text: 'A device faults on two pages, one after the other. 0x10000 is there by now; 0x20000 is an address the guest never had. The handler reads both groups and mixes up the cookies: it says INVALID for the page that is there and SUCCESS for the other, so the device asks for that one again.',
  query: `mutation GoWrong {
  right: machineDelete(input: { machineId: "right" })
  wrong: machineDelete(input: { ${M} })
  machineCreate(input: {
    ${M}, devices: [{ bdf: "0000:01:00.0" }]
  }) { __typename ${REFUSED} }
  contextOpen(input: { ${M} }) {
    __typename
    ${REFUSED}
  }
  ioasAlloc(input: { ${C} }) {
    __typename
    ${REFUSED}
  }
  deviceBind(input: {
    ${C}, bdf: "0000:01:00.0"
  }) {
    __typename
    ${REFUSED}
  }
  faultQueueAlloc(input: { ${C} }) {
    ... on FaultQueueAllocPayload { outFaultId }
    ${REFUSED}
  }
  parent: hwptAlloc(input: {
    ${C}, devId: 2, ptId: 1
    flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
  }) {
    ... on HwptAllocPayload { outHwptId }
    ${REFUSED}
  }
  guest: hwptAlloc(input: {
    ${C}, devId: 2, ptId: 4
    flags: [IOMMU_HWPT_FAULT_ID_VALID], faultId: 3
    vtdS1: { pgtblAddr: "0x7f000" }
  }) {
    ... on HwptAllocPayload { outHwptId }
    ${REFUSED}
  }
  deviceAttach(input: {
    ${C}, devId: 2, ptId: 5
  }) {
    __typename
    ${REFUSED}
  }
  there: pageRequest(input: {
    ${M}, bdf: "0000:01:00.0"
    grpid: 7, addr: "0x10000"
    perm: [IOMMU_PGFAULT_PERM_READ]
  }) { ... on PageRequestPayload { outcome } }
  notThere: pageRequest(input: {
    ${M}, bdf: "0000:01:00.0"
    grpid: 8, addr: "0x20000"
    perm: [IOMMU_PGFAULT_PERM_READ]
  }) { ... on PageRequestPayload { outcome } }
  faultRead(input: {
    ${C}, faultId: 3, count: 80
  }) {
    ... on FaultReadPayload { faults { cookie addr } }
    ${REFUSED}
  }
  faultWrite(input: {
    ${C}, faultId: 3
    responses: [
      { cookie: 1, code: IOMMUFD_PAGE_RESP_INVALID }
      { cookie: 2, code: IOMMUFD_PAGE_RESP_SUCCESS }
    ]
  }) {
    ... on FaultWritePayload { bytes }
    ${REFUSED}
  }
  again: pageRequest(input: {
    ${M}, bdf: "0000:01:00.0"
    grpid: 9, addr: "0x20000"
    perm: [IOMMU_PGFAULT_PERM_READ]
  }) { ... on PageRequestPayload { outcome } }
}`,
};

export const ASK_WHY: StoryStep = {
  name: 'Going back: which group got the wrong answer, and when',
  text: 'The device reports a DMA error at 0x10000. The log knows: the first response INVALID, and the life of the group it went to, from the page request to the answer. `machineBefore` is the machine as the answer met it: both groups waited.',
  query: `query AskWhy {
  machine(machineId: "wrong") {
    firstWhere(condition: {
      responseCode: IOMMUFD_PAGE_RESP_INVALID
    }) {
      event { seq summary }
      operation {
        number command arguments
        machineBefore { seq unansweredIopfGroupCount }
      }
    }
    iopfGroupLife(iopfGroupId: 1) {
      ended
      stages { stage event { seq summary } }
    }
  }
}`,
};

export const ANSWER_RIGHT: StoryStep = {
  name: 'Going back: what the right answer would have changed',
  text: 'The same past up to the answer, without copying it; then the right answer in place of the wrong one, and no second request, because the device has no reason for it. Both runs lie side by side, and `diff` says what is different now.',
  query: `mutation AnswerRight {
  whatIf(input: {
    machineId: "wrong", newMachineId: "right", atOperation: 11
    edits: [
      { operation: 12, instead: { faultWrite: {
        contextId: 1, faultId: 3
        responses: [
          { cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS }
          { cookie: 2, code: IOMMUFD_PAGE_RESP_INVALID }
        ]
      } } }
      { operation: 13, leaveOut: true }
    ]
  }) {
    rerun {
      steps {
        edges {
          node {
            kind
            differs
            recorded { number command events { summary } }
            rerun { number command events { summary } }
          }
        }
      }
    }
    machine {
      machineId
      unansweredIopfGroupCount
      forkedFrom { operation parent { machineId } }
    }
  }
}`,
};

export const COMPARE_ANSWERS: StoryStep = {
  name: 'Going back: both machines compared',
  text: 'What is different between the two machines now: on the one a device waits for an answer that is of no use to it, on the other nothing waits.',
  query: `query CompareAnswers {
  diff(from: { machineId: "wrong" }, to: { machineId: "right" }) {
    changeCount
    changes { object { name } kind field before after }
  }
}`,
};

export const WRONG_ANSWER: readonly StoryStep[] = [
  GO_WRONG,
  ASK_WHY,
  ANSWER_RIGHT,
  COMPARE_ANSWERS,
];
