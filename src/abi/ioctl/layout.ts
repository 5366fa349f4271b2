/** How a structure of the uAPI lies in memory. Types only. */

/** Where a field begins, and how many bytes it has. */
export type Field = readonly [offset: number, bytes: number];

/** A structure: its name in the header without `struct`, its size and its fields. */
export interface StructLayout {
  readonly struct: string;
  readonly size: number;
  readonly fields: Readonly<Record<string, Field>>;
}

/** An ioctl of /dev/iommu with its structure. */
export interface IoctlLayout extends StructLayout {
  /** The request number that a program passes to ioctl. */
  readonly request: number;
  /** Bytes a program must give at least: the end of a field that the dispatch table names. */
  readonly minSize: number;
}
