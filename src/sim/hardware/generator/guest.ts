/** What a guest and its VMM do to tables and memory, with the invalidations that belong to it or not. */
import type { IommufdContext } from '../../../core/iommufd/state.ts';
import type { Command } from '../../../core/machine/command.ts';
import type { MachineState } from '../../../core/machine/state.ts';
import type { Prng } from '../../prng.ts';
import { guestMap } from './handler.ts';
import {
  attachedTo,
  DATA,
  DATA_PAGES,
  dataOf,
  functionsOf,
  ioasOf,
  iovaOf,
  nestedOf,
  PAGE,
  ROOTS,
  TABLES,
} from './pick.ts';
import { mapGuest } from './set-up.ts';

/** Maps some pages; now and then to the guest's own tables, so that DMA can write over them. */
export function mapPages(random: Prng, context: IommufdContext): readonly Command[] {
  const nested = nestedOf(context);
  if (nested.length === 0) return [];
  const gpa = random.chance(0.02) ? TABLES : dataOf(random);
  const length = random.pick([PAGE, PAGE, 2n * PAGE, 4n * PAGE]);
  const perm = random.pick([1, 3, 3, 3]);
  return [guestMap(context, random.pick(nested).id, iovaOf(random), gpa, length, perm)];
}

/** Takes pages away and invalidates them, all of it, a part, or not at all. */
export function unmapPages(
  random: Prng,
  state: MachineState,
  context: IommufdContext,
): readonly Command[] {
  const nested = nestedOf(context);
  if (nested.length === 0) return [];
  const { contextId } = context;
  const { id: hwptId } = random.pick(nested);
  const iova = iovaOf(random);
  const length = random.pick([PAGE, PAGE, 2n * PAGE]);
  const commands: Command[] = [{ type: 'GuestUnmap', contextId, hwptId, iova, length }];
  if (random.chance(0.3)) return commands;
  commands.push(invalidate(random, context, hwptId, iova, length));
  if (random.chance(0.4)) return commands;
  for (const device of functionsOf(state)) {
    if (device.hardware.ats === null || attachedTo(state, device) !== hwptId) continue;
    const { bdf } = device;
    commands.push({ type: 'AtcInvalidate', bdf, pasid: null, addr: iova, size: length });
    if (random.chance(0.7)) {
      commands.push({ type: 'AtcInvalidate', bdf, pasid: 5, addr: iova, size: length });
    }
  }
  return commands;
}

const ALL = 0xffff_ffff_ffff_ffffn;

export function invalidate(
  random: Prng,
  { contextId }: IommufdContext,
  hwptId: number,
  iova: bigint,
  length: bigint,
): Command {
  const exact = { flags: random.pick([0, 1]), addr: iova, npages: length / PAGE };
  const all = { flags: 0, addr: 0n, npages: ALL };
  const entries = random.chance(0.8) ? [exact] : random.chance(0.9) ? [all] : [exact, { flags: 4 }];
  return { type: 'HwptInvalidate', contextId, hwptId, dataType: 0, entryLen: 24, entries };
}

/** A hole in the nest parent, or what fills one: at times for reading alone. */
export function changeNestParent(random: Prng, context: IommufdContext): readonly Command[] {
  const ioas = ioasOf(context);
  if (ioas === null) return [];
  const { contextId } = context;
  const ioasId = ioas.id;
  const holes = Array.from({ length: DATA_PAGES }, (_, i) => DATA + BigInt(i) * PAGE).filter(
    gpa => ioas.areas.at(gpa) === null,
  );
  if (holes.length > 0 && random.chance(0.6)) {
    const gpa = random.pick(holes);
    return [mapGuest(contextId, ioasId, gpa, PAGE, random.pick([7, 7, 7, 5]))];
  }
  // A part of an area cannot go: the whole of it does, and pieces come back.
  const gpa = dataOf(random);
  const area = ioas.areas.at(gpa);
  if (area === null) return [];
  const unmap: Command = {
    type: 'IoasUnmap',
    contextId,
    ioasId,
    iova: area.start,
    length: area.last - area.start + 1n,
  };
  const pieces: Command[] = [];
  const piece = (start: bigint, end: bigint) => {
    if (end > start) pieces.push(mapGuest(contextId, ioasId, start, end - start, 7));
  };
  piece(area.start, gpa);
  piece(gpa + PAGE, area.last + 1n);
  return [unmap, ...pieces];
}

/** Words of tables as no driver writes them: entries that point at themselves, reserved bits. */
export function writeWords(random: Prng, context: IommufdContext): readonly Command[] {
  const ioas = ioasOf(context);
  if (ioas === null) return [];
  const table = TABLES + BigInt(random.below(6)) * PAGE;
  const values = [
    0n,
    1n,
    table | 7n,
    (table >> 2n) | 1n,
    table | 3n,
    dataOf(random) | 0x1_87n,
    ALL,
    1n << 60n,
  ];
  const words = Array.from({ length: 1 + random.below(2) }, () => ({
    gpa: table + BigInt(random.below(16)) * 8n + random.pick([0n, 0n, 0n, 0n, 0n, 4n]),
    value: random.pick(values),
  }));
  return [{ type: 'GuestWrite', contextId: context.contextId, ioasId: ioas.id, words }];
}

/** Empties the tables: what DMA or the guest wrote over them is gone. */
export function clearTables(context: IommufdContext): readonly Command[] {
  const ioas = ioasOf(context);
  if (ioas === null) return [];
  const { contextId } = context;
  // Every root entry that the IOVAs go through, in each format.
  const words = ROOTS.flatMap(root =>
    [0n, 1n].map(index => ({ gpa: root + index * 8n, value: 0n })),
  );
  return [{ type: 'GuestWrite', contextId, ioasId: ioas.id, words }];
}
