/** What the clients of a server were told. The checker holds the database against it. */

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** An operation the server said it had done. */
export interface Told {
  readonly number: number;
  readonly seqBefore: number;
  readonly seq: number;
  readonly command: string;
  readonly arguments: { readonly [key: string]: Json };
  readonly errno: string | null;
  readonly reply: Json;
}

export interface Acknowledged extends Told {
  readonly machineId: string;
  /** The life of the server, from 1. */
  readonly life: number;
  /** Rises with each thing noted. */
  readonly order: number;
  /** Bytes of the disk's journal when it was noted; 0 without one. */
  readonly journalBytes: number;
}

/** Tells one command from every other one sent: a field of it that has this value only once. */
export interface Marker {
  readonly command: string;
  readonly field: string;
  readonly value: Json;
}

/** Ids of objects that never are, by which a `destroy` is told from others. */
export const MARKER_ID_MIN = 1_000_000;

export const markerKey = ({ command, field, value }: Marker) =>
  `${command}.${field}=${JSON.stringify(value)}`;

/** A command that was answered with an error of the request: it is not to be in the log. */
export interface Refused {
  readonly machineId: string;
  readonly marker: Marker;
  readonly life: number;
}

/** A machine that is part of another one's past. */
export interface NotedFork {
  readonly machineId: string;
  readonly parentId: string;
  /** The last operation shared. */
  readonly number: number;
}

export interface NotedRerun {
  readonly machineId: string;
  readonly recordedId: string;
  readonly fromOperation: number;
  readonly toOperation: number;
}

export interface NotedBookmark {
  readonly machineId: string;
  readonly name: string;
  readonly seq: number;
  readonly note: string;
}

/** A group that came to a handler. */
export interface Delivery {
  readonly machineId: string;
  readonly iopfGroupId: number;
  readonly cookie: number;
  readonly redelivered: boolean;
  /** Numbers the handler's subscriptions, from 1. */
  readonly subscription: number;
  readonly order: number;
}

/** An event that came to a follower. */
export interface Followed {
  readonly seq: number;
  readonly type: string;
  readonly data: Json;
}

export class Notes {
  life = 0;
  private lastOrder = 0;
  private lastUnique = 0;
  readonly acknowledged: Acknowledged[] = [];
  readonly refused: Refused[] = [];
  readonly created = new Set<string>();
  readonly forks: NotedFork[] = [];
  readonly reruns: NotedRerun[] = [];
  readonly bookmarks: NotedBookmark[] = [];
  /** `machine/name` of bookmarks whose deletion was asked for. */
  readonly bookmarksGoing = new Set<string>();
  /** `machine/name` of bookmarks that are gone, as was told. */
  readonly bookmarksGone = new Set<string>();
  /** Machines whose deletion was asked for; it may have happened or not. */
  readonly going = new Set<string>();
  /** Machines that are gone, as was told. */
  readonly gone = new Set<string>();
  readonly deliveries: Delivery[] = [];
  /** By follower: `machine#n`. */
  readonly followed = new Map<string, Followed[]>();
  /** Codes of errors that refused something, and how often. */
  readonly codes = new Map<string, number>();
  /** What is wrong already. */
  readonly findings: string[] = [];

  order(): number {
    return ++this.lastOrder;
  }

  /** Another whole number each time. */
  unique(): number {
    return ++this.lastUnique;
  }

  find(what: string): void {
    if (!this.findings.includes(what)) this.findings.push(what);
  }
}
