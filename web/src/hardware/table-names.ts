/** What the view of a guest's table and its form both speak of. */
import type { HardwareTableQuery } from '../hardware-documents.ts';

type Found = NonNullable<NonNullable<HardwareTableQuery['machine']['context']>['object']>;
export type Hwpt = Required<Found>;
export type Table = NonNullable<Hwpt['guestTable']>;
export type Line = Table['entries']['list'][number];

/** A nested hwpt, by the ids that name it. */
export interface HwptName {
  readonly contextId: number;
  readonly hwptId: number;
}
