/** Pages of connections, and those that go forward only. */
import { badInput } from './bad-input.ts';
import { checkFirst } from './lists.ts';

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

export interface Page<T> {
  readonly edges: { cursor: string; node: T }[];
  readonly pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

/**
 * How many entries to look for: one more than the page has, to know whether there is more. `name`
 * is the connection's. Errors: BAD_USER_INPUT.
 */
export function forwardLimit(name: string, { first, last, before }: PageArgs): number {
  if ((last ?? before ?? null) !== null) {
    throw badInput(`"${name}" pages forward: use "first" and "after"`);
  }
  return checkFirst(first) + 1;
}

/** The page of what was found, of which there are at most `limit`. */
export function forwardPage<Found, Node = Found>(
  { after }: PageArgs,
  limit: number,
  found: readonly Found[],
  cursorOf: (found: Found) => string,
  nodeOf: (found: Found) => Node,
): Page<Node> {
  const edges = found
    .slice(0, limit - 1)
    .map(entry => ({ cursor: cursorOf(entry), node: nodeOf(entry) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: found.length >= limit,
      hasPreviousPage: Boolean(after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
