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
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Whether a text has more values than JSON of a request may; told before they are made of it. Each
 * value but the first of all comes after a comma, `[` or `{`.
 */
export function hasTooManyValues(text: string): boolean {
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA || code === BRACKET || code === BRACE) {
      if (++values > VALUES_WRITTEN_MAX) return true;
    }
  }
  return false;
}

/** Where the string ends that begins at a quote: at its last quote, or the end of the text. */
function endOfString(text: string, begin: number): number {
  for (let end = begin; ; ) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
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
