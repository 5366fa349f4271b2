/** The guest's page tables: each entry in the words of its format, and how to change one. */
import { useState } from 'preact/hooks';
import { newest } from '../data/head.ts';
import { keyInput } from '../data/keys.ts';
import type { Moment } from '../data/moments.ts';
import { HardwareTableDocument } from '../hardware-documents.ts';
import { openDialog } from '../state/open.ts';
import { live } from '../state/place.ts';
import { AsOf, Badge, wordsOfName } from './parts.tsx';
import { TableForm } from './table-form.tsx';
import type { Hwpt, HwptName, Line, Table } from './table-names.ts';
import { useAnswer } from './use-answer.ts';

function hwptsOf({ graph }: Moment): HwptName[] {
  return graph.nodes.flatMap(({ kind, key, changed }) => {
    const object = keyInput(key);
    if (kind !== 'HWPT_NESTED' || changed === 'WENT' || object === null) return [];
    return [{ contextId: object.contextId!, hwptId: object.id! }];
  });
}

export function Tables({ moment }: { moment: Moment }) {
  const [index, setIndex] = useState(0);
  const hwpts = hwptsOf(moment);
  const shown = hwpts[index] ?? hwpts[0];
  if (shown === undefined) {
    return (
      <p class="note">
        No guest has a page table at this moment: there is no nested hwpt. Press <kbd>End</kbd> for
        the newest.
      </p>
    );
  }
  return (
    <>
      {hwpts.length > 1 && (
        <label class="field">
          Table of
          <select onChange={({ currentTarget }) => setIndex(currentTarget.selectedIndex)}>
            {hwpts.map(({ contextId, hwptId }) => (
              <option key={`${contextId} ${hwptId}`}>
                hwpt {hwptId} of context {contextId}
              </option>
            ))}
          </select>
        </label>
      )}
      <GuestTable key={`${shown.contextId} ${shown.hwptId}`} moment={moment} name={shown} />
    </>
  );
}

function GuestTable({ moment, name }: { moment: Moment; name: HwptName }) {
  const [from, setFrom] = useState<Line['iova']>('0x0');
  const [chosen, setChosen] = useState<Line | null>(null);
  const shown = useAnswer(HardwareTableDocument, moment, { ...name, from });
  const { answer } = shown;
  if (answer === null) return <AsOf of={shown} moment={moment} />;
  const hwpt = answer.machine.context?.object;
  if (hwpt == null || !('guestTable' in hwpt) || hwpt.guestTable === null) {
    return <p class="note">This hwpt has no page table of a guest.</p>;
  }
  const { format, levels, root, readable, entries } = hwpt.guestTable;
  const { list, next } = entries;
  const atEnd = live.value || moment.seq === newest.value;
  return (
    <>
      <AsOf of={shown} moment={moment} />
      <p class="note">
        hwpt {name.hwptId} of context {name.contextId}: {wordsOfFormat(format)}, {levels} levels,
        root at <code>{root}</code>
      </p>
      {!readable && <Badge bad>✕ The guest has no memory at the root</Badge>}
      {list.length === 0 ? (
        <p class="note">Nothing is mapped{from === '0x0' ? '' : ' from there on'}.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by key
        <section class="wide" tabIndex={0} aria-label="Entries of the table">
          <table class="guest-table">
            <thead>
              <tr>
                {['IOVA', 'level', 'at', 'entry', 'leads to', 'says'].map(column => (
                  <th scope="col" key={column}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.map(line => (
                <EntryRow
                  key={`${line.level} ${line.iova}`}
                  line={line}
                  indent={levels - 1 - line.level}
                  chosen={chosen?.address === line.address}
                  choose={atEnd ? () => setChosen(line) : null}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <p class="actions">
        {from !== '0x0' && (
          <button type="button" class="small" onClick={() => setFrom('0x0')}>
            From the start
          </button>
        )}
        {next !== null && (
          <button type="button" class="small" onClick={() => setFrom(next)}>
            {list.length} entries; go on from {next}
          </button>
        )}
      </p>
      {atEnd ? (
        <TableForm
          key={chosen?.address ?? ''}
          machineId={moment.machine}
          name={name}
          hwpt={hwpt as Hwpt}
          line={chosen}
        />
      ) : (
        <p class="past">
          The past does not change.{' '}
          <button
            type="button"
            class="button"
            onClick={() => {
              openDialog.value = 'fork';
            }}
          >
            Fork here to edit <kbd>f</kbd>
          </button>
        </p>
      )}
    </>
  );
}

/** `VTD_4_LEVELS` as `VT-d first stage`. */
function wordsOfFormat(format: Table['format']): string {
  if (format.startsWith('VTD')) return 'VT-d first stage';
  return format === 'ARM_4K' ? 'SMMUv3 stage 1, 4 KiB' : `RISC-V ${format.slice('RISCV_'.length)}`;
}

/** What an entry says: `read, write · accessed`. */
function saysOf(line: Line): string {
  if (line.fault !== null) return `✕ ${wordsOfName(line.fault)}`;
  if (line.pageSize === null) return 'table';
  const named = (names: readonly ('read' | 'write' | 'execute' | 'accessed' | 'dirty')[]) =>
    names.filter(name => line[name]).join(', ');
  const rights = named(['read', 'write', 'execute']);
  const size = line.pageSize === '0x1000' ? '' : `${line.pageSize} bytes`;
  const user = line.user ? '' : 'not for devices';
  const used = named(['accessed', 'dirty']);
  return [rights, size, user, used].filter(part => part !== '').join(' · ');
}

interface RowProps {
  readonly line: Line;
  readonly indent: number;
  readonly chosen: boolean;
  /** null: at this moment nothing can be changed. */
  readonly choose: (() => void) | null;
}

function EntryRow({ line, indent, chosen, choose }: RowProps) {
  return (
    <tr class={line.fault === null ? '' : 'stale'} aria-selected={chosen}>
      <th scope="row" style={{ paddingInlineStart: `${indent * 12 + 8}px` }}>
        {choose === null ? (
          <code>{line.iova}</code>
        ) : (
          <button type="button" class="link" onClick={choose}>
            <code>{line.iova}</code>
            <span class="hidden">, level {line.level}: change it</span>
          </button>
        )}
      </th>
      <td>{line.level}</td>
      <td>
        <code>{line.address}</code>
      </td>
      <td>
        <code>{line.entry}</code>
      </td>
      <td>{line.leadsTo === null ? '–' : <code>{line.leadsTo}</code>}</td>
      <td>{saysOf(line)}</td>
    </tr>
  );
}
