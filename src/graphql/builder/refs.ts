/** References to the types that point at each other; each is implemented in its own file. */
import { builder } from './builder.ts';
import type {
  AreaView,
  AttachHandleView,
  ContextView,
  IommuGroupView,
  IopfGroupView,
  MachineView,
  ObjectView,
  PasidAttachmentView,
  PhysicalDeviceView,
  ViewOf,
} from './view.ts';

export const MachineType = builder.objectRef<MachineView>('Machine');
export const ContextType = builder.objectRef<ContextView>('IommufdContext');
export const ObjectInterface = builder.interfaceRef<ObjectView>('IommufdObject');
export const HwptInterface = builder.interfaceRef<ViewOf<'HWPT_PAGING' | 'HWPT_NESTED'>>('Hwpt');
export const IoasType = builder.objectRef<ViewOf<'IOAS'>>('Ioas');
export const HwptPagingType = builder.objectRef<ViewOf<'HWPT_PAGING'>>('HwptPaging');
export const HwptNestedType = builder.objectRef<ViewOf<'HWPT_NESTED'>>('HwptNested');
export const DeviceType = builder.objectRef<ViewOf<'DEVICE'>>('Device');
export const FaultQueueType = builder.objectRef<ViewOf<'FAULT'>>('FaultQueue');
export const AccessType = builder.objectRef<ViewOf<'ACCESS'>>('Access');
export const AreaType = builder.objectRef<AreaView>('Area');
export const SelftestDeviceType = builder.objectRef<ViewOf<'SELFTEST'>>('SelftestDevice');
export const PhysicalDeviceInterface = builder.interfaceRef<PhysicalDeviceView>('PhysicalDevice');
export const IommuGroupType = builder.objectRef<IommuGroupView>('IommuGroup');
export const AttachHandleType = builder.objectRef<AttachHandleView>('AttachHandle');
export const PasidAttachmentType = builder.objectRef<PasidAttachmentView>('PasidAttachment');
export const IopfGroupType = builder.objectRef<IopfGroupView>('IopfGroup');
