/** The extended capabilities of a function behind a modelled IOMMU: ATS, PRI, PASID. */
import { byKey } from '../../core/collections/by-key.ts';
import { isModelled, priOwnerOf } from '../../core/hardware/function/lookup.ts';
import {
  atsCapability,
  atsControl,
  pasidCapability,
  pasidControl,
  prgResponsePasidRequired,
  priControl,
  priStatus,
  SMALLEST_TRANSLATION_UNIT,
} from '../../core/hardware/function/registers.ts';
import type {
  AtsState,
  FunctionHardware,
  OutstandingGroup,
  PriState,
} from '../../core/hardware/function/state.ts';
import type { PciDevice } from '../../core/hardware/state.ts';
import { builder } from '../builder/builder.ts';
import { checkFirst, FIRST_TEXT, LIST_DEFAULT } from '../builder/lists.ts';
import type { MachineView } from '../builder/view.ts';

export const AtsType = builder.objectRef<AtsState>('AtsState').implement({
  description: 'Address Translation Services of a function.',
  fields: t => ({
    enabled: t.exposeBoolean('enabled', { description: 'ATS Control: Enable.' }),
    smallestTranslationUnit: t.int({
      description:
        'ATS Control: STU. Translations and invalidations are of 4,096 bytes shifted by it, or more; 0, as Linux writes it.',
      resolve: () => SMALLEST_TRANSLATION_UNIT,
    }),
    capabilityRegister: t.int({
      description:
        'ATS Capability, 16 bits: Invalidate Queue Depth (0 is 32), Page Aligned Request.',
      resolve: atsCapability,
    }),
    controlRegister: t.int({
      description: 'ATS Control, 16 bits: STU, Enable.',
      resolve: atsControl,
    }),
    invalidateQueueDepth: t.exposeInt('invalidateQueueDepth', {
      description: 'Invalidations it can have pending.',
    }),
    respondsToInvalidation: t.exposeBoolean('respondsToInvalidation', {
      description: 'It completes invalidations; else it is broken.',
    }),
  }),
});

const OutstandingType = builder.objectRef<OutstandingGroup>('OutstandingGroup').implement({
  description: 'Page requests of one group that have no answer.',
  fields: t => ({
    grpid: t.exposeInt('grpid', { description: 'Page request group index.' }),
    requests: t.exposeInt('requests', { description: 'Requests sent, each a credit.' }),
    lastSent: t.exposeBoolean('lastSent', { description: 'The last of the group was sent.' }),
    dmaIds: t.exposeIntList('dmaIds', {
      description: 'DMAs that wait for it; none for requests sent by command.',
    }),
    sentSeq: t.exposeInt('sentSeq', { description: 'The event that sent the first one.' }),
  }),
});

export interface PriView {
  /** The function that has it. */
  readonly hardware: FunctionHardware;
  readonly pri: PriState;
}

export const PriType = builder.objectRef<PriView>('PriState').implement({
  description: 'The PRI capability (PCIe, Page Request Extended Capability).',
  fields: t => ({
    capacity: t.int({
      description: 'Outstanding Page Request Capacity.',
      resolve: ({ pri }) => pri.capacity,
    }),
    allocation: t.int({
      description: 'Outstanding Page Request Allocation.',
      resolve: ({ pri }) => pri.allocation,
    }),
    used: t.int({ description: 'Requests outstanding.', resolve: ({ pri }) => pri.used }),
    outstanding: t.field({
      type: [OutstandingType],
      description: 'Groups outstanding, by index.',
      args: { first: t.arg.int({ defaultValue: LIST_DEFAULT, description: FIRST_TEXT }) },
      resolve: ({ pri }, { first }) =>
        byKey(pri.outstanding)
          .slice(0, checkFirst(first))
          .map(([, group]) => group),
    }),
    enabled: t.boolean({ description: 'Control: Enable.', resolve: ({ pri }) => pri.enabled }),
    stopped: t.boolean({
      description: 'Status: Stopped, valid while disabled.',
      resolve: ({ pri }) => pri.stopped,
    }),
    responseFailure: t.boolean({
      description: 'Status: Response Failure (RF).',
      resolve: ({ pri }) => pri.responseFailure,
    }),
    unexpectedIndex: t.boolean({
      description: 'Status: Unexpected Page Request Group Index (UPRGI).',
      resolve: ({ pri }) => pri.unexpectedIndex,
    }),
    pasidRequired: t.boolean({
      description:
        'Status: PRG Response PASID Required. Responses to requests with a PASID carry it; set on functions with PASIDs.',
      resolve: ({ hardware }) => prgResponsePasidRequired(hardware),
    }),
    controlRegister: t.int({
      description: 'Page Request Control, 16 bits: Enable; Reset reads 0.',
      resolve: ({ pri }) => priControl(pri),
    }),
    statusRegister: t.int({
      description: 'Page Request Status, 16 bits: RF, UPRGI, Stopped, PASID Required.',
      resolve: ({ hardware, pri }) => priStatus(hardware, pri),
    }),
  }),
});

export const PasidType = builder.objectRef<FunctionHardware>('PasidState').implement({
  description: 'The PASID capability of a function (PCIe, PASID Extended Capability).',
  fields: t => ({
    width: t.int({
      description: 'Max PASID Width: log2 of how many PASIDs it has.',
      resolve: ({ spec }) => spec.pasidWidth,
    }),
    enabled: t.boolean({
      description: 'Control: Enable, which drivers set when they find the function.',
      resolve: hardware => (pasidControl(hardware) & 1) !== 0,
    }),
    capabilityRegister: t.int({
      description:
        'PASID Capability, 16 bits: Max PASID Width; no Execute Permission, no Privileged Mode.',
      resolve: pasidCapability,
    }),
    controlRegister: t.int({
      description: 'PASID Control, 16 bits: Enable.',
      resolve: pasidControl,
    }),
  }),
});

export function priView({ state }: MachineView, device: PciDevice): PriView | null {
  if (!isModelled(device)) return null;
  const { hardware } = priOwnerOf(state, device);
  const { pri } = hardware;
  return pri && { hardware, pri };
}
