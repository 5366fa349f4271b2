/** Changing a guest's table as the guest would, and telling the caches of it, or forgetting to. */
import { useState } from 'preact/hooks';
import type { Hex } from '../../../src/operations/typed-document.ts';
import { wordsOf } from '../data/server.ts';
import {
  InvalidateAtcDocument,
  InvalidateDocument,
  MapInGuestDocument,
  UnmapInGuestDocument,
  WriteInGuestDocument,
} from '../hardware-documents.ts';
import { announce } from '../state/announce.ts';
import { act } from './act.ts';
import { Problem } from './parts.tsx';
import type { Hwpt, HwptName, Line } from './table-names.ts';

const WAYS = {
  map: 'Map pages',
  unmap: 'Unmap pages',
  write: 'Write an entry',
  invalidate: 'Only invalidate',
} as const;

type Way = keyof typeof WAYS;

/** What each way asks for; texts go to the server as they are. */
const FIELDS = {
  iova: 'IOVA',
  length: 'Bytes',
  gpa: 'Guest address of the pages',
  tablesGpa: 'Guest address of pages for tables',
  at: 'Guest address of the entry',
  value: 'Entry',
} as const;

type Field = keyof typeof FIELDS;
type Values = Readonly<Record<Field, string>>;

const ASKED: Readonly<Record<Way, readonly Field[]>> = {
  map: ['iova', 'length', 'gpa', 'tablesGpa'],
  unmap: ['iova', 'length'],
  write: ['at', 'value', 'iova', 'length'],
  invalidate: ['iova', 'length'],
};

/** Pages for tables are looked for in so many bytes. */
const TABLES_LENGTH = '0x10000';

interface FormProps {
  readonly machineId: string;
  readonly name: HwptName;
  readonly hwpt: Hwpt;
  /** The entry that was chosen. */
  readonly line: Line | null;
}

function valuesAtFirst({ hwpt, line }: FormProps): Values {
  const root = BigInt(hwpt.guestTable?.root ?? 0);
  return {
    iova: line?.iova ?? '0x40000000',
    length: line?.pageSize ?? '0x1000',
    gpa: line?.leadsTo ?? '0x80000',
    tablesGpa: `0x${(root + 0x1000n).toString(16)}`,
    at: line?.address ?? '',
    value: line?.entry ?? '',
  };
}

export function TableForm(props: FormProps) {
  const [way, setWay] = useState<Way>(props.line === null ? 'map' : 'write');
  const [values, setValues] = useState(() => valuesAtFirst(props));
  const [writeable, setWriteable] = useState(true);
  const [invalidates, setInvalidates] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const send = async () => {
    setProblem(null);
    await edit(props, way, values, writeable);
    if (invalidates || way === 'invalidate') await invalidate(props, values);
    announce(`${WAYS[way]}: done.`);
  };
  return (
    <form
      class="writing"
      onSubmit={event => {
        event.preventDefault();
        send().catch(error => setProblem(wordsOf(error)));
      }}
    >
      <label class="field">
        As the guest
        <select value={way} onChange={({ currentTarget }) => setWay(currentTarget.value as Way)}>
          {Object.entries(WAYS).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <div class="pair-of-fields">
        {ASKED[way].map(field => (
          <label class="field" key={field}>
            {FIELDS[field]}
            <input
              required
              autocomplete="off"
              spellcheck={false}
              value={values[field]}
              onInput={({ currentTarget }) =>
                setValues({ ...values, [field]: currentTarget.value.trim() })
              }
            />
          </label>
        ))}
      </div>
      {way === 'map' && (
        <Check words="For writing, too" checked={writeable} onChange={setWriteable} />
      )}
      {way !== 'invalidate' && (
        <Check
          words="Then invalidate what caches have of these IOVAs. Nothing else does."
          checked={invalidates}
          onChange={setInvalidates}
        />
      )}
      <Problem>{problem}</Problem>
      <p class="actions">
        <button type="submit" class="button primary">
          {WAYS[way]}
        </button>
      </p>
    </form>
  );
}

interface CheckProps {
  readonly words: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Check({ words, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />{' '}
      {words}
    </label>
  );
}

const hex = (text: string) => text as Hex;

async function edit(
  { machineId, name, hwpt }: FormProps,
  way: Way,
  values: Values,
  writeable: boolean,
): Promise<void> {
  const range = { machineId, ...name, iova: hex(values.iova), length: hex(values.length) };
  if (way === 'unmap') await act(UnmapInGuestDocument, { input: range });
  if (way === 'map') {
    const gpa = hex(values.gpa);
    const tables = { tablesGpa: hex(values.tablesGpa), tablesLength: hex(TABLES_LENGTH) };
    await act(MapInGuestDocument, { input: { ...range, gpa, ...tables, writeable } });
  }
  if (way === 'write') {
    const words = [{ gpa: hex(values.at), value: hex(values.value) }];
    const { contextId } = name;
    const { ioasId } = hwpt.ioas;
    await act(WriteInGuestDocument, { input: { machineId, contextId, ioasId, words } });
  }
}

/** Vendors whose drivers leave the caches of devices to a command of their own (docs/HARDWARE.md). */
const ATC_APART: readonly string[] = ['SMMUV3', 'RISCV'];

async function invalidate({ machineId, name, hwpt }: FormProps, values: Values): Promise<void> {
  const addr = hex(values.iova);
  const size = hex(values.length);
  // What is no number is the server's to say.
  const pages = /^0x[0-9a-f]{1,16}$/i.test(size) ? (BigInt(size) + 0xfffn) >> 12n : null;
  const npages = pages === null ? size : hex(`0x${pages.toString(16)}`);
  await act(InvalidateDocument, {
    input: {
      ...{ machineId, ...name, dataType: 'IOMMU_HWPT_INVALIDATE_DATA_VTD_S1' },
      entries: [{ addr, npages }],
    },
  });
  for (const { pasid, devices } of [{ pasid: null, devices: hwpt.devices }, ...hwpt.pasids]) {
    for (const { physicalDevice: device } of devices) {
      if (device.bdf === undefined || !device.ats?.enabled) continue;
      if (!ATC_APART.includes(device.iommu?.vendor ?? '')) continue;
      const { bdf } = device;
      await act(InvalidateAtcDocument, { input: { machineId, bdf, addr, size, pasid } });
    }
  }
}
