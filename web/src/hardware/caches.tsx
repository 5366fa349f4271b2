/** Translation caches of the moment; what the tables have no more is marked, with who left it there. */

import { counted } from '../data/graph.ts';
import type { Moment } from '../data/moments.ts';
import { type CacheLineFragment, HardwareCachesDocument } from '../hardware-documents.ts';
import { AsOf, Badge, EventLink, VENDORS, wordsOfName } from './parts.tsx';
import { useAnswer } from './use-answer.ts';

interface Cache {
  readonly name: string;
  readonly lines: readonly CacheLineFragment[];
  /** Of how many these are the oldest; null: of more than can be told. */
  readonly of: number | null;
  /** Why it is empty. */
  readonly off: string;
}

/** Hazards that a stale translation is when it is used. */
const USED: readonly string[] = ['STALE_TRANSLATION_USED', 'ATC_NOT_INVALIDATED'];

export function Caches({ moment }: { moment: Moment }) {
  const shown = useAnswer(HardwareCachesDocument, moment, {});
  const { answer } = shown;
  if (answer === null) return <AsOf of={shown} moment={moment} />;
  const { iommus, physicalDevices, hazards } = answer.machine;
  const lines = ({ edges }: { edges: readonly { readonly node: CacheLineFragment }[] }) =>
    edges.map(({ node }) => node);
  const caches: Cache[] = [
    ...iommus.map(({ iommuNo, vendor, iotlb, iotlbSize }) => ({
      name: `IOTLB of IOMMU ${iommuNo} · ${VENDORS[vendor]}`,
      lines: lines(iotlb),
      of: iotlbSize,
      off: 'Nothing is cached.',
    })),
    ...physicalDevices.flatMap(device =>
      device.atc === undefined || device.ats === null
        ? []
        : [
            {
              name: `ATC of ${device.name}`,
              lines: lines(device.atc),
              of: device.atc.pageInfo.hasNextPage ? null : device.atc.edges.length,
              off: device.ats?.enabled ? 'Nothing is cached.' : 'ATS is off.',
            },
          ],
    ),
  ];
  const stale = caches.flatMap(cache => cache.lines).filter(line => line.stale !== null).length;
  const used = hazards.filter(({ name }) => USED.includes(name));
  return (
    <>
      <AsOf of={shown} moment={moment} />
      <p class={stale > 0 ? 'bad' : 'note'}>
        {stale === 0
          ? 'What is cached is what the tables say.'
          : `▲ ${counted(stale, 'translation')} that the tables have no more: an invalidation is missing.`}
      </p>
      {caches.map(cache => (
        <CacheTable key={cache.name} cache={cache} />
      ))}
      {used.length > 0 && (
        <section>
          <h3>Stale translations that were used</h3>
          <ol class="event-list">
            {used.map(({ seq, plantedSeq, detail }) => (
              <li key={seq} class="line">
                <EventLink seq={seq}>{seq}</EventLink>
                <span>
                  {detail}
                  {plantedSeq !== null && (
                    <>
                      ; planted by <EventLink seq={plantedSeq} />
                    </>
                  )}
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

function CacheTable({ cache: { name, lines, of, off } }: { cache: Cache }) {
  return (
    <section>
      <h3>{name}</h3>
      {lines.length === 0 ? (
        <p class="note">{off}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by key
        <section class="wide" tabIndex={0} aria-label={name}>
          <table>
            <thead>
              <tr>
                {['IOVA', 'leads to', 'rights', 'tag', 'cached by'].map(column => (
                  <th scope="col" key={column}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.map(line => (
                <CacheRow key={`${line.tag} ${line.iova}`} line={line} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {of !== lines.length && (
        <p class="note">
          The oldest {lines.length}
          {of === null ? '; there are more' : ` of ${of}`}.
        </p>
      )}
    </section>
  );
}

function CacheRow({ line }: { line: CacheLineFragment }) {
  const { iova, length, userVa, read, write, tag, filledSeq, stale } = line;
  return (
    <tr class={stale === null ? '' : 'stale'}>
      <th scope="row">
        <code>{iova}</code>
        {length !== '0x1000' && <span class="cause-detail">{length} bytes</span>}
        {stale !== null && <Badge bad>▲ stale</Badge>}
      </th>
      <td>
        <code>{userVa}</code>
        {stale !== null && <StaleWords stale={stale} />}
      </td>
      <td>{[read && 'read', write && 'write'].filter(Boolean).join(', ')}</td>
      <td>
        <code>{tag}</code>
      </td>
      <td>
        <EventLink seq={filledSeq} />
      </td>
    </tr>
  );
}

function StaleWords({ stale }: { stale: NonNullable<CacheLineFragment['stale']> }) {
  const { fault, userVa, changedSeq, iova } = stale;
  return (
    <span class="cause-detail">
      now {fault === null ? <code>{userVa}</code> : wordsOfName(fault)}
      <span class="hidden"> at {iova}</span>
      {changedSeq !== null && (
        <>
          , since <EventLink seq={changedSeq} />
        </>
      )}
    </span>
  );
}
