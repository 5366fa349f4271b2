/** What an operation asked, in one line: its arguments with the uAPI's names beside their numbers. */
import type { FaultWrite } from '../iommufd/fault/fault-file.ts';
import type { Command, CommandType } from '../machine/command.ts';
import { namesOf } from './number-names.ts';
import { hex, withHex } from './words.ts';

/** Characters of one argument, and of an item or field of it that does not fit whole. */
const VALUE_MAX = 160;
const PART_MAX = 60;

type Replacer = (field: string, part: unknown) => unknown;

/**
 * `HwptAlloc contextId=1 devId=1 ptId=3 flags=4 (IOMMU_HWPT_FAULT_ID_VALID) …`; 64-bit numbers in hex.
 * Long lists are cut: `devices=[{"bdf":"0000:01:00.0",… 7 more},… 4 more]`.
 */
export function commandText(command: Command): string {
  return [command.type, ...argumentTexts(command)].join(' ');
}

/** What no program asks: the ids that the server's own handlers hold, for FaultWrite's hazards. */
const NOT_ASKED: ReadonlySet<string> = new Set(['given'] satisfies (keyof FaultWrite)[]);

/** The arguments that a program asked with. */
export function askedWith({ type: _, ...all }: Command): [name: string, value: unknown][] {
  return Object.entries(all).filter(([name]) => !NOT_ASKED.has(name));
}

/** Each argument with its value. */
function argumentTexts(command: Command): string[] {
  const { type } = command;
  return askedWith(command).map(([name, value]) => {
    const names = namesOf(type, name, value).join('|');
    return `${name}=${valueText(type, value)}${names === '' ? '' : ` (${names})`}`;
  });
}

function valueText(type: CommandType, value: unknown): string {
  if (typeof value === 'bigint') return hex(value);
  if (typeof value === 'string') return shortened(value, VALUE_MAX);
  const named = (field: string, part: unknown) => {
    const [name] = namesOf(type, field, part);
    return name === undefined ? withHex(field, part) : `${part} (${name})`;
  };
  return jsonWithin(value, VALUE_MAX, named);
}

/** JSON of which what is too long is left out: the fields and items at its end, and how many. */
function jsonWithin(value: unknown, most: number, named: Replacer): string {
  const text = JSON.stringify(value, named);
  if (text.length <= most) return text;
  if (value === null || typeof value !== 'object') return shortened(text, most);
  const isList = Array.isArray(value);
  const parts = Object.entries(value).map(([field, part]) => {
    const own = named(field, part);
    return `${isList ? '' : `"${field}":`}${jsonWithin(own, PART_MAX, named)}`;
  });
  let length = 0;
  const shown = parts.filter((part, index) => {
    length += part.length;
    return index === 0 || length <= most;
  });
  const left = parts.length - shown.length;
  const rest = left === 0 ? '' : `,… ${left} more`;
  return isList ? `[${shown.join(',')}${rest}]` : `{${shown.join(',')}${rest}}`;
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… ${text.length - most} more`;
}
