/** Circles in a graph of files. */

/** What each file imports. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/**
 * The circles: sets of files each of which leads to every other of its set. Tarjan's algorithm for
 * strongly connected components, with a list in place of the call stack's depth.
 */
export function circlesOf(imports: Imports): string[][] {
  const indexes = new Map<string, number>();
  const lows = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): void => {
    indexes.set(file, indexes.size);
    lows.set(file, indexes.get(file)!);
    open.push(file);
    const importsItself = imports.get(file)?.includes(file) ?? false;
    for (const to of imports.get(file) ?? []) {
      if (!imports.has(to)) continue;
      if (!indexes.has(to)) visit(to);
      // What is closed leads nowhere back.
      if (open.includes(to)) lows.set(file, Math.min(lows.get(file)!, lows.get(to)!));
    }
    if (lows.get(file) !== indexes.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1 || importsItself) circles.push(circle.sort());
  };
  for (const file of imports.keys()) if (!indexes.has(file)) visit(file);
  return circles;
}
