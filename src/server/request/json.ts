/** How deep and how large the JSON of a request is. */
import { JSON_DEPTH_MAX, JSON_OBJECTS_MAX, JSON_VALUES_MAX } from '../limits.ts';

export interface JsonSize {
  /** Values in it, itself too. */
  readonly values: number;
  /** What is wrong with it, with the place; null if nothing is. */
  readonly problem: string | null;
}

/** Values of variables, and what stands around them; an empty list counts as one with a value. */
const VALUES_WRITTEN_MAX = 2 * JSON_VALUES_MAX;
/** Levels of a path that are shown. */
const SHOWN_LEVELS = 6;
/** Characters of a key that are shown. */
const SHOWN_KEY_CHARACTERS = 40;

type Path = { readonly key: string; readonly before: Path } | null;

/** `name` is how the value itself is called in the problem: `$v` for a variable. */
export function sizeOfJson(value: unknown, name: string): JsonSize {
  let values = 0;
  let objects = 0;
  let problem: string | null = null;
  const look = (value: unknown, depth: number, path: Path): void => {
    if (problem !== null) return;
    if (++values > JSON_VALUES_MAX) {
      problem = `"${name}" may have ${JSON_VALUES_MAX} values, this one has more`;
    }
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value) && ++objects > JSON_OBJECTS_MAX) {
      problem = `"${name}" may have ${JSON_OBJECTS_MAX} objects, this one has more`;
    } else if (depth === JSON_DEPTH_MAX) {
      problem =
        `"${name}" may have ${JSON_DEPTH_MAX} levels of lists and objects, this one has more` +
        ` at "${name}${shown(path)}"`;
    } else if (Array.isArray(value)) {
      value.forEach((inner, index) => {
        look(inner, depth + 1, { key: `[${index}]`, before: path });
      });
    } else {
      for (const [key, inner] of Object.entries(value)) {
        look(inner, depth + 1, { key: `.${key}`, before: path });
      }
    }
  };
  look(value, 0, null);
  return { values, problem };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Comma, `[` and `{`: each value but the first of all comes after one. */
const BEFORE_VALUES = [0x2c, 0x5b, 0x7b];

/** Whether a text has more values than JSON of a request may; told before they are made of it. */
export function hasTooManyValues(text: string): boolean {
  let values = 1;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) inString = !inString;
    else if (inString) {
      if (code === BACKSLASH) at++;
    } else if (BEFORE_VALUES.includes(code) && ++values > VALUES_WRITTEN_MAX) return true;
  }
  return false;
}

/** What is wrong with an operation's JSON, by the name of the variable; null if nothing is. */
export function jsonProblem(variables: unknown, extensions: unknown): string | null {
  for (const [name, value] of Object.entries(variables ?? {})) {
    const { problem } = sizeOfJson(value, `$${name.slice(0, SHOWN_KEY_CHARACTERS)}`);
    if (problem !== null) return problem;
  }
  return sizeOfJson(variables, 'variables').problem ?? sizeOfJson(extensions, 'extensions').problem;
}

/** The beginning of a path. */
function shown(path: Path): string {
  const keys: string[] = [];
  for (let at = path; at !== null; at = at.before) keys.unshift(at.key);
  const first = keys.slice(0, SHOWN_LEVELS).map(key => key.slice(0, SHOWN_KEY_CHARACTERS));
  return first.join('') + (keys.length > SHOWN_LEVELS ? '…' : '');
}
