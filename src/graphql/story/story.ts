/**
 * The story of the kernel patch, told in operations: the playground's tabs, the demo and the README
 * run these same documents. A device translates through a guest's page table and faults; a handler
 * answers; then the device is taken back while a fault is pending. The fault comes before its
 * handler, because the playground ends a subscription when the next tab runs.
 */
import { COPY } from './story-copy.ts';
import { COMPARE_KERNELS, FIND_A_HAZARD, TWO_KERNELS } from './story-kernels.ts';
import { REFUSED, type StoryStep } from './story-step.ts';
import { WRONG_ANSWER } from './story-wrong-answer.ts';

/** The machine the story plays on; its first step makes it anew. */
export const STORY_MACHINE_ID = 'story';

export const LOOK_AROUND: StoryStep = {
  name: 'Look around: what machine is this?',
  text: 'The default machine, its devices and the IOMMU groups they are in.',
  query: `query LookAround {
  machine {
    machineId
    baseline
    seq
    physicalDevices {
      name
      virtfn
      iopfFeature
      iommuGroup { iommuGroupId domain { kind } }
    }
    contexts {
      contextId
      objects { edges { node { objectId objectType users } } }
    }
  }
}`,
};

export const BUILD: StoryStep = {
  name: 'Step 1: a device, and a page table it can be nested on',
  text: 'A program (a VMM, say) opens /dev/iommu, makes an address space (IOAS) and takes a device over: from now on its DMA is blocked until it is attached. It makes a page table (hwpt) on the IOAS that can be a parent, and attaches the device to it.',
  query: `mutation Build {
  machineDelete(input: { machineId: "story" })
  machineCreate(input: {
    machineId: "story", devices: [{ bdf: "0000:01:00.0" }]
  }) {
    ... on MachineCreatePayload { machine { machineId seq } }
    ${REFUSED}
  }
  contextOpen(input: { machineId: "story" }) {
    ... on ContextOpenPayload { contextId }
    ${REFUSED}
  }
  ioasAlloc(input: { machineId: "story", contextId: 1 }) {
    ... on IoasAllocPayload { outIoasId }
    ${REFUSED}
  }
  deviceBind(input: {
    machineId: "story", contextId: 1, bdf: "0000:01:00.0"
  }) {
    ... on DeviceBindPayload { outDevId events { summary } }
    ${REFUSED}
  }
  hwptAlloc(input: {
    machineId: "story", contextId: 1, devId: 2, ptId: 1
    flags: [IOMMU_HWPT_ALLOC_NEST_PARENT]
  }) {
    ... on HwptAllocPayload { outHwptId }
    ${REFUSED}
  }
  deviceAttach(input: {
    machineId: "story", contextId: 1, devId: 2, ptId: 3
  }) {
    ... on DeviceAttachPayload { outPtId events { summary } }
    ${REFUSED}
  }
}`,
};

export const NEST: StoryStep = {
  name: 'Step 2: replace it with the guest’s page table, which may fault',
  text: 'The guest has a page table of its own. The program makes a fault queue, and a nested hwpt for that table which sends faults to the queue; then it replaces the parent with it, without a moment of blocked DMA. Watch the IOPF feature go on: only now may the device ask for pages.',
  query: `mutation Nest {
  faultQueueAlloc(input: { machineId: "story", contextId: 1 }) {
    ... on FaultQueueAllocPayload { outFaultId }
    ${REFUSED}
  }
  hwptAlloc(input: {
    machineId: "story", contextId: 1, devId: 2, ptId: 3
    flags: [IOMMU_HWPT_FAULT_ID_VALID], faultId: 4
    vtdS1: { pgtblAddr: "0x7f000" }
  }) {
    ... on HwptAllocPayload { outHwptId }
    ${REFUSED}
  }
  deviceReplace(input: {
    machineId: "story", contextId: 1, devId: 2, ptId: 5
  }) {
    ... on DeviceReplacePayload {
      outPtId
      events { seq layer summary }
    }
    ${REFUSED}
  }
}`,
};

export const FAULT: StoryStep = {
  name: 'Step 3: the device asks for three pages at once',
  text: 'The device meets three pages that are not there. It sends three page requests with one group index; only the last one completes the group. Nobody reads the fault queue yet, so the group waits in it.',
  query: `mutation Fault {
  first: pageRequest(input: {
    machineId: "story", bdf: "0000:01:00.0"
    pasid: 5, grpid: 7, addr: "0x10000"
    perm: [IOMMU_PGFAULT_PERM_READ], lastPage: false
  }) {
    ... on PageRequestPayload {
      outcome
      events { seq layer summary }
    }
  }
  second: pageRequest(input: {
    machineId: "story", bdf: "0000:01:00.0"
    pasid: 5, grpid: 7, addr: "0x11000"
    perm: [IOMMU_PGFAULT_PERM_READ, IOMMU_PGFAULT_PERM_WRITE]
    lastPage: false
  }) {
    ... on PageRequestPayload {
      outcome
      events { seq layer summary }
    }
  }
  third: pageRequest(input: {
    machineId: "story", bdf: "0000:01:00.0"
    pasid: 5, grpid: 7, addr: "0x12000"
    perm: [IOMMU_PGFAULT_PERM_READ]
  }) {
    ... on PageRequestPayload {
      outcome
      events { seq layer summary }
    }
  }
}`,
};

export const HANDLE: StoryStep = {
  name: 'Step 4: be the fault handler',
  text: 'A handler subscribes. The group that waits in the queue is read for it and sent at once: three messages, one cookie. The handler may leave now (the playground ends a subscription when you run the next tab): the group stays read, and its cookie can be answered.',
  query: `subscription Handle {
  iopfGroups(
    machineId: "story", contextId: 1, faultId: 4
    mode: HANDLE, maxInFlight: 1
  ) {
    kind
    redelivered
    code
    iopfGroup {
      cookie
      messages { devId pasid grpid perm addr flags }
    }
  }
}`,
};

export const ANSWER: StoryStep = {
  name: 'Step 5: answer the group',
  text: 'The pages are there now: one answer with the cookie counts for all three requests. The response travels down to the device, which tries again.',
  query: `mutation Answer {
  faultWrite(input: {
    machineId: "story", contextId: 1, faultId: 4
    responses: [{ cookie: 1, code: IOMMUFD_PAGE_RESP_SUCCESS }]
  }) {
    ... on FaultWritePayload {
      bytes
      events { seq layer summary }
    }
    ${REFUSED}
  }
}`,
};

export const TAKE_BACK: StoryStep = {
  name: 'Step 6: a fault is pending when the device is taken back',
  text: 'The device faults again, and before anybody answers, the program replaces the guest’s table with the parent. The kernel answers INVALID for every group that came through the old attachment, so that no device waits for ever; then the IOPF feature goes off. A handler that holds the group is told that it was taken away.',
  query: `mutation TakeBack {
  pageRequest(input: {
    machineId: "story", bdf: "0000:01:00.0"
    pasid: 5, grpid: 8, addr: "0x20000"
    perm: [IOMMU_PGFAULT_PERM_WRITE]
  }) {
    ... on PageRequestPayload { outcome iopfGroup { iopfGroupId } }
  }
  deviceReplace(input: {
    machineId: "story", contextId: 1, devId: 2, ptId: 3
  }) {
    ... on DeviceReplacePayload {
      outPtId
      events { seq layer summary }
    }
    ${REFUSED}
  }
}`,
};

export const LOOK_BACK: StoryStep = {
  name: 'Step 7: why, and how was it before?',
  text: 'Nothing is lost: the log tells what each operation did, and any moment can be looked at again. Here, the machine now beside the machine as the third page request arrived: two wait for it.',
  query: `query LookBack {
  now: machine(machineId: "story") {
    seq
    pciDevice(bdf: "0000:01:00.0") {
      iopfFeature
      device { hwpt { hwptId faultQueue { faultId } } }
    }
    operations(last: 3) {
      edges { node { number command errno seqBefore seq } }
    }
  }
  then: machine(machineId: "story", at: 26) {
    seq
    pciDevice(bdf: "0000:01:00.0") {
      iopfFeature
      partialRequests { grpid addr }
      device {
        hwpt {
          hwptId
          faultQueue { faultId deliverCount awaitingResponseCount }
        }
      }
    }
  }
}`,
};

export const STORY: readonly StoryStep[] = [
  BUILD,
  NEST,
  FAULT,
  HANDLE,
  ANSWER,
  TAKE_BACK,
  LOOK_BACK,
];

/** Longest comment line of a tab, in characters: what a window of 1280 pixels shows. */
const TAB_WIDTH = 50;

/** The text in lines of at most `width` characters, but for a word that is longer. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** By the name that the playground's menu gives them. */
const STORIES: Readonly<Record<string, readonly StoryStep[]>> = {
  'The first page fault, answered': [LOOK_AROUND, ...STORY],
  'A hazard found': [FIND_A_HAZARD],
  'One past on two kernels': [TWO_KERNELS, COMPARE_KERNELS],
  'The wrong group was answered': WRONG_ANSWER,
  'A copy that faults, on modelled hardware': COPY,
};

const STEPS = Object.entries(STORIES).flatMap(([story, steps]) =>
  steps.map(step => ({ ...step, story })),
);

/** The playground's tabs: each step with its text as comments above. */
export const STORY_TABS = STEPS.map(({ story, name, text, query }) => ({
  story,
  name,
  query: ['#', ...wrapped(text, TAB_WIDTH - '# '.length).map(line => `# ${line}`), '', query].join(
    '\n',
  ),
}));
