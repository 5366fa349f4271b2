/**
 * What holds in every state between two operations, on every baseline and with every policy. Where
 * a kernel itself breaks one of these, a hazard says so: the exception is made for what that hazard
 * names, and only as far as the kernel goes.
 */
import { BEHAVIOUR } from '../../abi/behaviour.ts';
import type { Hwpt, IommufdContext } from '../iommufd/state.ts';
import type { MachineState } from '../machine/state.ts';
import { checkAttachHandles, checkAttachment, checkIopf, checkPasids } from './invariant-attach.ts';
import { type Check, MetHazards, matchesUse, sameMembers } from './invariant-check.ts';
import { checkHardware } from './invariant-hardware.ts';
import { checkInFlight } from './invariant-in-flight.ts';
import { checkIoas } from './invariant-ioas.ts';
import { checkIopfGroups, checkPending } from './invariant-iopf.ts';
import { checkMemory } from './invariant-memory.ts';

/** The violations found; empty when all is well. Time grows with the square of the objects. */
export function checkInvariants(state: MachineState): string[] {
  const violations: string[] = [];
  const check: Check = (holds, sentence) => {
    if (!holds) violations.push(`${sentence}.`);
  };
  const met = new MetHazards(state);
  for (const context of state.contexts.values()) {
    checkIds(context, check);
    checkReferences(state, context, check);
    checkFileHolders(state, context, check);
    for (const object of context.objects.values()) {
      if (object.type === 'IOAS') checkIoas(state, context, object, met, check);
    }
  }
  checkMemory(state, check);
  checkTopology(state, check);
  for (const group of state.iommuGroups.values()) {
    checkAttachment(state, group, check);
    checkPasids(state, group, check);
    checkIopf(state, group, check);
  }
  checkAttachHandles(state, check);
  checkIopfGroups(state, met, check);
  checkPending(state, check);
  checkInFlight(state, check);
  checkHardware(state, met, check);
  checkCounters(state, check);
  return violations;
}

function checkIds(context: IommufdContext, check: Check): void {
  const { contextId } = context;
  check(
    matchesUse(context.ids, 1, context.objects.keys()),
    `context ${contextId}: the taken ids are not those of its objects`,
  );
  for (const [id, object] of context.objects) {
    check(id === object.id, `context ${contextId}: object ${object.id} stands under id ${id}`);
  }
}

/** Each counted reference (obj.users) has its referrer, and each referrer its count. */
function checkReferences(state: MachineState, context: IommufdContext, check: Check): void {
  const { faultOnPagingHwpt, faultWithNestParent, pasidHwpts } = BEHAVIOUR[state.baseline];
  const objects = [...context.objects.values()];
  const where = (id: number) => `context ${context.contextId}, object ${id}`;
  const hwpts = objects.filter(object => 'attachedDeviceIds' in object);
  const idsWhere = (test: (hwpt: Hwpt) => boolean) => hwpts.filter(test).map(({ id }) => id);
  check(
    hwpts.every(({ pasid }) => !pasid || pasidHwpts),
    `context ${context.contextId}: a hwpt for PASIDs, which this kernel has not`,
  );
  for (const object of objects) {
    const { id } = object;
    switch (object.type) {
      case 'IOAS': {
        const onIoas = (hwpt: Hwpt) => hwpt.type === 'HWPT_PAGING' && hwpt.ioasId === id;
        const autos = (hwpt: Hwpt) => onIoas(hwpt) && 'auto' in hwpt && hwpt.auto;
        check(sameMembers(object.hwptIds, idsWhere(onIoas)), `${where(id)}: wrong list of hwpts`);
        check(
          sameMembers(object.autoHwptIds, idsWhere(autos)),
          `${where(id)}: wrong list of automatic hwpts`,
        );
        break;
      }
      case 'HWPT_PAGING':
        check(
          sameMembers(
            object.childIds,
            idsWhere(hwpt => hwpt.type === 'HWPT_NESTED' && hwpt.parentId === id),
          ),
          `${where(id)}: its children are not the nested hwpts that name it`,
        );
        check(context.objects.get(object.ioasId)?.type === 'IOAS', `${where(id)}: no IOAS`);
        check(!object.auto || object.attachedDeviceIds.size > 0, `${where(id)}: idle auto hwpt`);
        check(
          object.faultId === null ||
            (faultOnPagingHwpt !== 'NO' && (!object.nestParent || faultWithNestParent)),
          `${where(id)}: a fault-capable paging hwpt`,
        );
        check(hasFaultQueue(context, object), `${where(id)}: no fault queue`);
        break;
      case 'HWPT_NESTED': {
        const parent = context.objects.get(object.parentId);
        check(
          parent?.type === 'HWPT_PAGING' && parent.nestParent && !parent.auto,
          `${where(id)}: its parent ${object.parentId} is not a nest parent`,
        );
        check(hasFaultQueue(context, object), `${where(id)}: no fault queue`);
        break;
      }
      case 'FAULT':
        check(
          sameMembers(
            object.hwptIds,
            idsWhere(({ faultId }) => faultId === id),
          ),
          `${where(id)}: its hwpts are not those that name it`,
        );
        break;
      case 'SELFTEST':
        check(
          context.objects.get(object.deviceId)?.type === 'DEVICE',
          `${where(id)}: a mock device without its device object`,
        );
        break;
      case 'ACCESS':
        check(
          object.ioasId === null || context.objects.get(object.ioasId)?.type === 'IOAS',
          `${where(id)}: its IOAS ${object.ioasId} is gone`,
        );
        break;
      case 'DEVICE':
        break;
    }
  }
}

function hasFaultQueue(context: IommufdContext, { faultId }: Hwpt): boolean {
  return faultId === null || context.objects.get(faultId)?.type === 'FAULT';
}

function checkFileHolders(state: MachineState, context: IommufdContext, check: Check): void {
  const holders: number[] = [];
  for (const object of context.objects.values()) {
    if (object.type === 'FAULT' && object.fileOpen) holders.push(object.id);
    if (object.type === 'ACCESS') holders.push(object.id);
    if (object.type !== 'DEVICE') continue;
    if (state.physicalDevices.get(object.deviceNo)?.kind === 'PCI') holders.push(object.id);
  }
  const { contextId } = context;
  check(
    sameMembers(context.fileHolders, holders),
    `context ${contextId}: its file is not held by its PCI devices, accesses and open fault queue files`,
  );
  check(
    context.fileOpen || context.fileHolders.size > 0,
    `context ${contextId}: alive though nobody holds its file`,
  );
}

function checkTopology(state: MachineState, check: Check): void {
  const mockDevs: number[] = [];
  const bdfs: string[] = [];
  for (const [deviceNo, device] of state.physicalDevices) {
    const members = state.iommuGroups.get(device.iommuGroupId)?.deviceNos ?? [];
    check(
      members.filter(member => member === deviceNo).length === 1,
      `physical device ${deviceNo}: not once in IOMMU group ${device.iommuGroupId}`,
    );
    if (device.kind === 'MOCK') mockDevs.push(device.mockDev);
    else bdfs.push(device.bdf);
    if (device.binding === null) continue;
    const { contextId, deviceId } = device.binding;
    const object = state.contexts.get(contextId)?.objects.get(deviceId);
    check(
      object?.type === 'DEVICE' && object.deviceNo === deviceNo,
      `physical device ${deviceNo}: its binding names no device object of its own`,
    );
  }
  check(matchesUse(state.mockDevIds, 0, mockDevs), 'the mock device numbers are not those in use');
  check(sameMembers(state.bdfs.keys(), bdfs), 'the bdfs known are not those of the PCI functions');
  const last = state.lastMockDeviceNo;
  check(
    last === null || state.physicalDevices.get(last)?.kind === 'MOCK',
    `the mock device made last, ${last}, is gone`,
  );
}

/** Numbers that are never reused lie above all that were given. */
function checkCounters(state: MachineState, check: Check): void {
  const below = (what: string, next: number, given: Iterable<number>) =>
    check(
      [...given].every(id => id < next),
      `the next ${what} is ${next}, which was given`,
    );
  below('context', state.nextContextId, state.contexts.keys());
  below('physical device', state.nextDeviceNo, state.physicalDevices.keys());
  below('IOMMU group', state.nextIommuGroupId, state.iommuGroups.keys());
  below('attach handle', state.nextAttachHandleId, state.attachHandles.keys());
  below('iopf group', state.nextIopfGroupId, state.iopfGroups.keys());
  const bindNos: number[] = [];
  for (const context of state.contexts.values()) {
    for (const object of context.objects.values()) {
      if (object.type === 'DEVICE') bindNos.push(object.bindNo);
    }
  }
  below('binding', state.nextBindNo, bindNos);
  check(new Set(bindNos).size === bindNos.length, 'two bindings have one number');
}
