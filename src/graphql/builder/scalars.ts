/** Scalars, each bounded in length before it is parsed. */
import { GraphQLError, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { MACHINE_ID, MACHINE_ID_FORM, READ_BYTES_MAX } from '../../abi/limits.ts';
import { PAGE_SIZE, PASID_MAX, PRG_INDEX_MAX, U32_MAX } from '../../abi/uapi.ts';
import { badInput, shortened } from './bad-input.ts';
import { builder } from './builder.ts';

const HEX_U64 = /^0x[0-9a-fA-F]{1,16}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
export const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;

/** What a value has to be, in words, and what it means; undefined if it is not that. */
interface Reading<T> {
  readonly form: string;
  readonly read: (value: unknown) => T | undefined;
}

function pattern(form: string, regex: RegExp): Reading<string> {
  const matches = (value: unknown) =>
    typeof value === 'string' && value.length <= 128 && regex.test(value);
  return { form, read: value => (matches(value) ? (value as string) : undefined) };
}

function wholeNumber(max: number): Reading<number> {
  const fits = (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
  return {
    form: `a whole number from 0 to ${max}`,
    read: value => (fits(value) ? (value as number) : undefined),
  };
}

/** Characters of a text that an error is made of: more than are shown. */
const TEXT_MAX = 128;

/** As JSON; of long texts the beginning. */
function beginningOf(value: unknown): string {
  const cut = (_: string, part: unknown) =>
    typeof part === 'string' ? part.slice(0, TEXT_MAX) : part;
  return String(JSON.stringify(value, cut));
}

/** How a scalar reads values, and literals in a document: their errors say where they stand. */
function parsing<T>(name: string, { form, read }: Reading<T>) {
  const refusal = (shown: string) => badInput(`${name} must be ${form}, not ${shortened(shown)}`);
  return {
    parseValue: (value: unknown): T => {
      const result = read(value);
      if (result !== undefined) return result;
      throw refusal(typeof value === 'number' ? String(value) : beginningOf(value));
    },
    parseLiteral: (node: ValueNode): T => {
      const value = valueFromASTUntyped(node);
      const result = read(value);
      if (result !== undefined) return result;
      // A number as it is written: one of many digits is Infinity once it is read.
      const isNumber = node.kind === Kind.INT || node.kind === Kind.FLOAT;
      const { message, extensions } = refusal(isNumber ? node.value : beginningOf(value));
      throw new GraphQLError(message, { nodes: node, extensions });
    },
  };
}

/**
 * Where the form of each scalar is specified; a description says what of it is taken. Names of
 * machines and bookmarks are URIs' unreserved characters without "~".
 */
const SPECIFIED_BY = {
  HexU64: 'https://tc39.es/ecma262/#prod-HexIntegerLiteral',
  U32: 'https://scalars.graphql.org/chillicream/unsigned-int.html',
  PrgIndex: 'https://docs.kernel.org/userspace-api/iommufd.html',
  Pasid: 'https://docs.kernel.org/arch/x86/sva.html',
  ByteCount: 'https://man7.org/linux/man-pages/man2/read.2.html',
  PciAddress: 'https://docs.kernel.org/PCI/sysfs-pci.html',
  Name: 'https://www.rfc-editor.org/rfc/rfc3986#section-2.3',
  DateTime: 'https://scalars.graphql.org/andimarek/date-time.html',
  JSON: 'https://www.rfc-editor.org/rfc/rfc8259',
} as const;

const HEX_READING = pattern('a string of "0x" and 1 to 16 hex digits', HEX_U64);

builder.scalarType('HexU64', {
  specifiedByURL: SPECIFIED_BY.HexU64,
  description:
    'A 64-bit unsigned number as a hex string: "0x" and 1 to 16 hex digits, such as "0x1000000".',
  serialize: value => `0x${(value as bigint).toString(16)}`,
  ...parsing('HexU64', {
    form: HEX_READING.form,
    read: value => {
      const text = HEX_READING.read(value);
      return text === undefined ? undefined : BigInt(text);
    },
  }),
});

builder.scalarType('U32', {
  specifiedByURL: SPECIFIED_BY.U32,
  description: 'A 32-bit unsigned number: a whole number from 0 to 4294967295.',
  serialize: value => value as number,
  ...parsing('U32', wholeNumber(U32_MAX)),
});

builder.scalarType('PrgIndex', {
  specifiedByURL: SPECIFIED_BY.PrgIndex,
  description: `A page request group index, 9 bits wide (PCIe): a whole number from 0 to ${PRG_INDEX_MAX}.`,
  serialize: value => value as number,
  ...parsing('PrgIndex', wholeNumber(PRG_INDEX_MAX)),
});

builder.scalarType('Pasid', {
  specifiedByURL: SPECIFIED_BY.Pasid,
  description: `A PASID, 20 bits wide (PCIe): a whole number from 0 to ${PASID_MAX}.`,
  serialize: value => value as number,
  ...parsing('Pasid', wholeNumber(PASID_MAX)),
});

builder.scalarType('ByteCount', {
  specifiedByURL: SPECIFIED_BY.ByteCount,
  description: `Bytes of a buffer: a whole number from 0 to ${READ_BYTES_MAX}.`,
  serialize: value => value as number,
  ...parsing('ByteCount', wholeNumber(READ_BYTES_MAX)),
});

builder.scalarType('PageAddress', {
  specifiedByURL: SPECIFIED_BY.HexU64,
  description: 'The address of a 4 KiB page: as HexU64, a multiple of 0x1000.',
  serialize: value => `0x${(value as bigint).toString(16)}`,
  ...parsing('PageAddress', {
    form: 'a multiple of 0x1000 as a string of "0x" and 1 to 16 hex digits',
    read: value => {
      const text = HEX_READING.read(value);
      if (text === undefined) return undefined;
      const address = BigInt(text);
      return address % BigInt(PAGE_SIZE) === 0n ? address : undefined;
    },
  }),
});

builder.scalarType('PciAddress', {
  specifiedByURL: SPECIFIED_BY.PciAddress,
  description: 'A PCI function by domain, bus, device and function: "0000:01:00.0".',
  serialize: value => value as string,
  ...parsing(
    'PciAddress',
    pattern('like "0000:01:00.0" (domain:bus:device.function in lower-case hex)', PCI_ADDRESS),
  ),
});

builder.scalarType('MachineId', {
  specifiedByURL: SPECIFIED_BY.Name,
  description: `A machine's name: ${MACHINE_ID_FORM}.`,
  serialize: value => value as string,
  ...parsing('MachineId', pattern(MACHINE_ID_FORM, MACHINE_ID)),
});

builder.scalarType('BookmarkName', {
  specifiedByURL: SPECIFIED_BY.Name,
  description: `A bookmark's name: ${MACHINE_ID_FORM}.`,
  serialize: value => value as string,
  ...parsing('BookmarkName', pattern(MACHINE_ID_FORM, MACHINE_ID)),
});

builder.scalarType('DateTime', {
  specifiedByURL: SPECIFIED_BY.DateTime,
  description: 'A moment as ISO 8601 in UTC: "2026-11-22T08:00:00.000Z".',
  serialize: value => (value as Date).toISOString(),
  ...parsing('DateTime', {
    form: 'a time as ISO 8601 with its zone, such as "2026-11-22T08:00:00Z"',
    read: value => {
      if (typeof value !== 'string' || value.length > 40 || !DATE_TIME.test(value))
        return undefined;
      const ms = Date.parse(value);
      return Number.isNaN(ms) ? undefined : new Date(ms);
    },
  }),
});

builder.scalarType('JSON', {
  specifiedByURL: SPECIFIED_BY.JSON,
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
