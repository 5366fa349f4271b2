/**
 * A recording: what a program's calls on a real kernel's iommufd said and got, a line of JSON each.
 * The first line says what was recorded. Types only.
 */
import type { Outside } from '../../core/machine/outside.ts';
import type { UserProcess } from '../../core/memory/user-process.ts';

/** The first line. */
export interface RecordingHead {
  readonly faultline: 'recording';
  readonly version: 1;
  /** As uname says: `6.12.117-amd64`. */
  readonly release: string;
  readonly program: readonly string[];
}

/** Bytes of the program's memory, as hex. */
export interface RecordedBytes {
  readonly at: string;
  readonly hex: string;
  /** The program may not write there. */
  readonly readOnly?: boolean;
}

/** A file by its number in the recording, from 1: dups and forks of it are the same file. */
export type RecordedFile = number;

/** A PCI function as sysfs has it. */
export interface RecordedDevice {
  readonly bdf: string;
  /** Its IOMMU group's reserved regions, a line each: `0x… 0x… msi`. */
  readonly reservedRegions: readonly string[];
}

/** What a read or write is given: a buffer and its bytes, or an array of pieces and how many. */
export interface RecordedTransfer {
  /** 64 bits each, as hex. */
  readonly at: string;
  readonly count: string;
  readonly vectored: boolean;
}

interface Recorded {
  /** Thread that called. */
  readonly tid: number;
  /** What is to be known of processes and their memory before it. */
  readonly outside?: Outside;
  /** What the call returned: a value from 0 on, or an errno negated. */
  readonly returned: number;
}

export type RecordedCall =
  | (Recorded & {
      readonly call: 'open';
      readonly path: string;
      readonly flags: number;
      readonly opened: RecordedFile | null;
      readonly process: UserProcess;
      /** Of a VFIO device file: the PCI function. */
      readonly device?: RecordedDevice;
    })
  | (Recorded & {
      readonly call: 'ioctl';
      readonly file: RecordedFile;
      readonly request: number;
      readonly pointer: string;
      /** The structure and what it points to, before and after the call; what is not there is left out. */
      readonly before: readonly RecordedBytes[];
      readonly after: readonly RecordedBytes[];
      /** The file that it gave out. */
      readonly opened: RecordedFile | null;
      /** The number it has in the program. */
      readonly openedAs: number | null;
      /** Files that it names by their numbers. */
      readonly files: Readonly<Record<string, RecordedFile>>;
    })
  | (Recorded & {
      readonly call: 'read' | 'write';
      readonly file: RecordedFile;
      /** Older recordings have `pieces`, which lack what was refused. */
      readonly given?: RecordedTransfer;
      readonly pieces?: readonly { readonly at: string; readonly length: number }[];
      /** The array, and what the pieces reach: each byte of it once. */
      readonly before: readonly RecordedBytes[];
      readonly after: readonly RecordedBytes[];
    })
  /** The last number of a file was closed. */
  | {
      readonly call: 'close';
      readonly tid: number;
      readonly file: RecordedFile;
      readonly outside?: Outside;
    };
