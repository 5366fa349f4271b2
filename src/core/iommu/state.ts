/**
 * What drivers/iommu holds: IOMMU groups, attach handles, page requests and iopf groups. Types only;
 * `evolve` alone changes them.
 */

/** What an IOMMU group translates through right now. */
export type GroupDomain =
  | { readonly kind: 'DEFAULT' }
  | { readonly kind: 'BLOCKING' }
  | { readonly kind: 'HWPT'; readonly contextId: number; readonly hwptId: number };

/**
 * What a group's RID or one of its PASIDs is attached to: its place in group->pasid_array and in
 * igroup->pasid_attach (up to 6.14 igroup->hwpt and igroup->device_list, of the RID alone).
 */
export interface Attachment {
  domain: GroupDomain;
  /** The attach handle stored for it (group->pasid_array). */
  attachHandleId: number | null;
  hwptId: number | null;
  /** In order of attachment. */
  readonly attachedDeviceIds: number[];
}

/**
 * struct iommu_group of the IOMMU core, and the iommufd_group of the one context that owns it. Its
 * own attachment is that of the RID.
 */
export interface IommuGroup extends Attachment {
  readonly iommuGroupId: number;
  readonly deviceNos: number[];
  /** The context that owns DMA, or null: then the default domain is attached. */
  ownerContextId: number | null;
  /** DEVICE objects bound, each one count of DMA ownership. */
  readonly boundDeviceIds: Set<number>;
  /** PASIDs other than 0 that are attached (from 6.15 on). */
  readonly pasids: Map<number, Attachment>;
  /** igroup->sw_msi_start; null while no software MSI window is known. */
  swMsiStart: bigint | null;
}

/** struct iommufd_attach_handle: made by attach or replace, freed when the domain goes. */
export interface AttachHandle {
  readonly attachHandleId: number;
  readonly iommuGroupId: number;
  /** Whose it is in the group; null: the RID's. */
  readonly pasid: number | null;
  readonly contextId: number;
  readonly hwptId: number;
  /** handle->idev: the device that asked; echoed as dev_id in every message. */
  readonly deviceId: number;
  readonly bindNo: number;
  /** seq of the event that stored it. */
  readonly storedSeq: number;
  /** seq of the event that unbound that device while the handle stayed; null while it is there. */
  deviceGoneSeq: number | null;
}

/** One page request as it reached the page-fault core (struct iommu_fault_page_request). */
export interface PageRequest {
  /** Raw flag word: PASID_VALID 1, LAST_PAGE 2, response needs PASID 4. */
  readonly flags: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
}

/** A collected request with the attach handle it was looked up by. */
export interface PartialRequest extends PageRequest {
  readonly attachHandleId: number;
  /** seq of the event that collected it. */
  readonly collectedSeq: number;
}

/** A request between look-up and queue (the window of a driver that does not drain). */
export interface InFlightRequest {
  readonly inFlightId: number;
  readonly deviceNo: number;
  readonly request: PageRequest;
  readonly attachHandleId: number;
  readonly contextId: number;
  readonly faultId: number;
  /** seq of the event that freed the handle it found; null while that is there. */
  handleFreedSeq: number | null;
  /** The fault queue it found is gone; its id may name another one by now. */
  queueGone: boolean;
  /** seq of the event that removed its device; null while that is there. */
  deviceGoneSeq: number | null;
  /** seq of the event by which its device left the iopf queue it came through; null till then. */
  leftIopfQueueSeq: number | null;
}

/** seq of the events that freed what an iopf group points at; null while that is there. */
export interface PlantedSeqs {
  /** Its attach handle. */
  handle: number | null;
  /** The physical device that faulted. */
  device: number | null;
  /** The group itself. */
  group: number | null;
}

/** An answer to a page request group on its way to a function behind a modelled IOMMU. */
export interface DeviceResponse {
  readonly deviceNo: number;
  readonly grpid: number;
  /** PCIe's code, or of a stalled transaction the core's. */
  readonly code: number;
  /** The group that software answered; null: the kernel, a driver or the IOMMU itself did. */
  readonly iopfGroup: IopfGroup | null;
  /** seq of the event by which it was answered. */
  readonly answeredSeq: number;
  /** The IOMMU itself answered, because the request reached no queue. */
  readonly automatic?: true;
}

/** struct iopf_group: the requests of one group, on its way to an answer. */
export interface IopfGroup {
  readonly iopfGroupId: number;
  readonly contextId: number;
  readonly faultId: number;
  readonly attachHandleId: number;
  /** The device that faulted; the answer goes to it. */
  readonly deviceNo: number;
  /** dev_id of its messages: the device in the attach handle. */
  readonly deviceId: number;
  readonly requests: readonly PageRequest[];
  /** seq of the event that queued it. */
  readonly queuedSeq: number;
  /** It was freed when its device left the iopf queue, and is in a fault queue all the same. */
  freed: boolean;
  /** Its device was answered already. */
  responded: boolean;
  cookie: number | null;
  reader: FaultReader | null;
  readSeq: number | null;
}

/**
 * Who reads a fault queue's file: READ, a faultRead call; HANDLER, a handler subscription, whose
 * unanswered groups are delivered again when it goes away.
 */
export type FaultReader = 'READ' | 'HANDLER';
