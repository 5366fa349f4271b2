/** Scalars, each bounded in length before it is parsed. */
import { GraphQLError, type ValueNode, valueFromASTUntyped } from 'graphql';
import { MACHINE_ID_LENGTH_MAX } from '../abi/limits.ts';
import { U32_MAX } from '../abi/uapi.ts';
import { builder } from './builder.ts';

const HEX_U64 = /^0x[0-9a-fA-F]{1,16}$/;
const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;
const MACHINE_ID = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${MACHINE_ID_LENGTH_MAX - 1}}$`);

function refuse(name: string, form: string, value: unknown): never {
  const text = typeof value === 'number' ? String(value) : String(JSON.stringify(value) ?? value);
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new GraphQLError(`${name} must be ${form}, not ${shown}`);
}

function pattern(name: string, form: string, regex: RegExp): (value: unknown) => string {
  return value =>
    typeof value === 'string' && value.length <= 128 && regex.test(value)
      ? value
      : refuse(name, form, value);
}

/** How a scalar reads values, and literals in a document: their errors say where they stand. */
function parsing<T>(parseValue: (value: unknown) => T) {
  return {
    parseValue,
    parseLiteral: (node: ValueNode): T => {
      try {
        return parseValue(valueFromASTUntyped(node));
      } catch (error) {
        throw new GraphQLError((error as Error).message, { nodes: node });
      }
    },
  };
}

builder.scalarType('HexU64', {
  description:
    'A 64-bit unsigned number as a hex string: "0x" and 1 to 16 hex digits, such as "0x1000000".',
  serialize: value => `0x${(value as bigint).toString(16)}`,
  ...parsing(value =>
    BigInt(pattern('HexU64', 'a string of "0x" and 1 to 16 hex digits', HEX_U64)(value)),
  ),
});

builder.scalarType('U32', {
  description: 'A 32-bit unsigned number: a whole number from 0 to 4294967295.',
  serialize: value => value as number,
  ...parsing(value =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= U32_MAX
      ? value
      : refuse('U32', 'a whole number from 0 to 4294967295', value),
  ),
});

builder.scalarType('PciAddress', {
  description: 'A PCI function by domain, bus, device and function: "0000:01:00.0".',
  serialize: value => value as string,
  ...parsing(
    pattern(
      'PciAddress',
      'like "0000:01:00.0" (domain:bus:device.function in lower-case hex)',
      PCI_ADDRESS,
    ),
  ),
});

builder.scalarType('MachineId', {
  description: `A machine's name: 1 to ${MACHINE_ID_LENGTH_MAX} letters, digits, ".", "_" or "-", the first a letter or digit.`,
  serialize: value => value as string,
  ...parsing(
    pattern(
      'MachineId',
      `1 to ${MACHINE_ID_LENGTH_MAX} letters, digits, ".", "_" or "-", the first a letter or digit`,
      MACHINE_ID,
    ),
  ),
});

builder.scalarType('DateTime', {
  description: 'A moment as ISO 8601 in UTC: "2026-11-22T08:00:00.000Z".',
  serialize: value => (value as Date).toISOString(),
});

builder.scalarType('JSON', {
  description: 'Plain JSON; 64-bit numbers in it are hex strings.',
  serialize: value => jsonOf(value),
});

/** The value with each bigint as a hex string. */
function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, jsonOf(field)]));
}
