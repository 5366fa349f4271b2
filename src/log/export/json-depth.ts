/** How deep JSON of files may be: what goes through it later may call itself for each level. */

/** Lists and objects inside each other in one line of a file. An operation has 8 at most. */
export const FILE_JSON_DEPTH_MAX = 64;

/**
 * Where a value goes deeper than `levels`, as the keys and indexes that lead there, such as
 * `events[0].type`; null if it does not.
 */
export function tooDeepAt(value: unknown, levels = FILE_JSON_DEPTH_MAX): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (levels === 0) return '';
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const inner = tooDeepAt(item, levels - 1);
      if (inner !== null) return `[${index}]${inner}`;
    }
    return null;
  }
  for (const key in value) {
    const inner = tooDeepAt((value as Record<string, unknown>)[key], levels - 1);
    if (inner !== null) return `.${key.slice(0, SHOWN_CHARACTERS)}${inner}`;
  }
  return null;
}

/** Characters of a key, and of a path, that are shown. */
const SHOWN_CHARACTERS = 40;

/** A path with its end left out. */
export function shownPath(path: string): string {
  const shown = path.replace(/^\./, '');
  return shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown;
}
