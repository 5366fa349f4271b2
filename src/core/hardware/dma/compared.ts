/**
 * Which cached translations are known to be what a walk finds, so that a hit does not walk each time.
 * A note about objects of the state, no part of it: without it the same comes out, only later.
 *
 * A walk depends on the hwpt, on what its IOAS maps and on the words of the guest's tables. Memory
 * that is no word matters only where a table entry was read from it; such walks are not noted. A
 * device that fills memory therefore disturbs nothing but the words that it writes over.
 */
import type { Area, Hwpt } from '../../iommufd/state.ts';
import {
  contextOf,
  dmaDomain,
  findHwptPaging,
  groupOf,
  hwptOf,
  ioasOf,
} from '../../machine/lookup.ts';
import type { MachineState } from '../../machine/state.ts';
import type { GuestWord } from '../../memory/guest-memory.ts';
import type { RangeMap } from '../../memory/range-map.ts';
import type { OfProcess } from '../../memory/user-process.ts';
import type { Translation } from '../cache/columns.ts';
import type { PciDevice } from '../state.ts';
import type { DmaWalk } from './walk.ts';

/** What translations of a function depend on now. */
export interface Tables {
  readonly contextId: number;
  readonly hwpt: Hwpt;
  readonly areas: RangeMap<Area>;
  readonly words: RangeMap<GuestWord>;
}

/** The tables as they were when a translation was compared with a walk. */
interface Comparison {
  readonly hwpt: Hwpt;
  readonly areas: RangeMap<Area>;
  readonly areaChanges: number;
  readonly words: RangeMap<GuestWord>;
  readonly wordChanges: number;
  /** Of a walk to write, else to read. */
  readonly write: boolean;
  /** Whose memory the walk found. */
  readonly of: OfProcess;
}

const COMPARED = new WeakMap<Translation, Comparison>();

/** null: the function's group has no domain whose tables could be looked at. */
export function tablesOf(
  state: MachineState,
  device: PciDevice,
  pasid: number | null,
): Tables | null {
  const domain = dmaDomain(groupOf(state, device.iommuGroupId), pasid);
  if (domain.kind !== 'HWPT') return null;
  const { contextId } = domain;
  const context = contextOf(state, contextId);
  const hwpt = hwptOf(context, domain.hwptId);
  const { areas } = ioasOf(context, findHwptPaging(context, hwpt).ioasId);
  return { contextId, hwpt, areas, words: context.words };
}

/**
 * Whose memory it is, if a walk would find the same for each page of the translation; null: nobody
 * knows whether it would.
 */
export function knownSame(found: Translation, tables: Tables, write: boolean): OfProcess | null {
  const compared = COMPARED.get(found);
  const same =
    compared !== undefined &&
    compared.write === write &&
    compared.wordChanges === tables.words.changes &&
    compared.areaChanges === tables.areas.changes &&
    compared.words === tables.words &&
    compared.areas === tables.areas &&
    compared.hwpt === tables.hwpt;
  return same ? compared.of : null;
}

/** A walk found the same for all pages of the translation. */
export function noteSame(
  found: Translation,
  { hwpt, areas, words }: Tables,
  write: boolean,
  { words: read }: DmaWalk,
  of: OfProcess,
): void {
  if (read.some(({ userVa }) => words.at(userVa) === null)) return;
  const counts = { areaChanges: areas.changes, wordChanges: words.changes };
  COMPARED.set(found, { hwpt, areas, words, write, of, ...counts });
}
