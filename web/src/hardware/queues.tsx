/** Queues of the moment: how full, what overflowed, what is under way, which credits are used. */
import { counted } from '../data/graph.ts';
import type { Moment } from '../data/moments.ts';
import { HardwareQueuesDocument, type HardwareQueuesQuery } from '../hardware-documents.ts';
import { permName } from '../ui/format.ts';
import { AsOf, Badge, EventLink, isModelled, Meter, VENDORS } from './parts.tsx';
import { useAnswer } from './use-answer.ts';

type Machine = HardwareQueuesQuery['machine'];
type Iommu = Machine['iommus'][number];
type Fn = Required<Machine['physicalDevices'][number]>;

/** Records of faults shown: the newest. */
const FAULTS_SHOWN = 5;

export function Queues({ moment }: { moment: Moment }) {
  const shown = useAnswer(HardwareQueuesDocument, moment, {});
  const { answer } = shown;
  const functions = (answer?.machine.physicalDevices ?? []).filter(isModelled);
  return (
    <>
      <AsOf of={shown} moment={moment} />
      {answer?.machine.iommus.map(iommu => (
        <IommuQueues
          key={iommu.iommuNo}
          iommu={iommu}
          functions={functions.filter(({ iommu: its }) => its?.iommuNo === iommu.iommuNo)}
        />
      ))}
    </>
  );
}

function IommuQueues({ iommu, functions }: { iommu: Iommu; functions: readonly Fn[] }) {
  const { pageRequestQueue: queue, queueError, pendingInvalidations, faultRecords } = iommu;
  return (
    <section>
      <h3>
        IOMMU {iommu.iommuNo} · {VENDORS[iommu.vendor]}
      </h3>
      <Meter
        label="Page requests"
        value={queue.count}
        max={queue.capacity}
        of="records"
        bad={queue.overflow || queue.count === queue.capacity}
      />
      <p class="states">
        {queue.overflow && (
          <Badge bad>
            ▲ Overflow
            {queue.overflowSeq !== null && (
              <>
                {' '}
                since <EventLink seq={queue.overflowSeq} />
              </>
            )}
          </Badge>
        )}
        {!queue.enabled && <Badge bad>✕ The queue is off</Badge>}
        {iommu.service === 'MANUAL' && <Badge>served by command</Badge>}
        {iommu.stallCount > 0 && <Badge>{counted(iommu.stallCount, 'stalled transaction')}</Badge>}
        {queueError !== null && (
          <Badge bad>
            ✕ Invalidations stopped: {queueError.kind} since <EventLink seq={queueError.errorSeq} />
          </Badge>
        )}
      </p>
      {queue.count > 0 && (
        <ol class="event-list">
          {queue.records.map(({ queuedSeq, physicalDevice, request }) => (
            <li key={queuedSeq} class="line">
              <EventLink seq={queuedSeq}>{queuedSeq}</EventLink>
              <span>
                {physicalDevice?.name ?? 'a function that is gone'} asks for{' '}
                <code>{request.addr}</code>, {request.perm.map(permName).join(', ')}, group index{' '}
                {request.grpid}
              </span>
            </li>
          ))}
        </ol>
      )}
      {queue.count > queue.records.length && (
        <p class="note">
          The first {queue.records.length} of {queue.count}.
        </p>
      )}
      {functions.map(fn => (
        <Credits
          key={fn.deviceNo}
          fn={fn}
          pending={pendingInvalidations.filter(({ deviceNo }) => deviceNo === fn.deviceNo)}
        />
      ))}
      {faultRecords.length > 0 && (
        <>
          <h4>{counted(faultRecords.length, 'fault record')}</h4>
          <ol class="event-list">
            {faultRecords.slice(-FAULTS_SHOWN).map(({ name, iova, recordedSeq }) => (
              <li key={recordedSeq} class="line">
                <EventLink seq={recordedSeq}>{recordedSeq}</EventLink>
                <span>
                  {name} at <code>{iova}</code>
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

type Pending = Iommu['pendingInvalidations'];

function Credits({ fn, pending }: { fn: Fn; pending: Pending }) {
  const { priState: pri, ats } = fn;
  return (
    <div class="function">
      <h4>{fn.name}</h4>
      {pri === null ? (
        <p class="note">It cannot ask for pages (no PRI).</p>
      ) : (
        <Meter
          label="Credits"
          value={pri.used}
          max={pri.allocation}
          of="requests outstanding"
          bad={pri.used >= pri.allocation}
        />
      )}
      {ats?.enabled && (
        <Meter
          label="Invalidations"
          value={pending.length}
          max={ats.invalidateQueueDepth}
          of="pending"
          bad={pending.length >= ats.invalidateQueueDepth}
        />
      )}
      <p class="states">
        {pri?.responseFailure && <Badge bad>✕ Response failure: PRI is off</Badge>}
        {pri?.unexpectedIndex && <Badge bad>▲ Unexpected group index</Badge>}
        {pri !== null && !pri.enabled && !pri.responseFailure && <Badge>PRI is off</Badge>}
      </p>
      <ol class="event-list">
        {pri?.outstanding.map(({ grpid, requests, dmaIds, sentSeq }) => (
          <li key={sentSeq} class="line">
            <EventLink seq={sentSeq}>{sentSeq}</EventLink>
            <span>
              Group index {grpid}: {counted(requests, 'request')}
              {dmaIds.length > 0 && <>, DMA {dmaIds.join(', ')} waits</>}
            </span>
          </li>
        ))}
        {pending.map(({ itag, iova, deadlineTick, requestedSeq }) => (
          <li key={`${requestedSeq} ${itag}`} class="line">
            <EventLink seq={requestedSeq}>{requestedSeq}</EventLink>
            <span>
              Invalidation {itag} from <code>{iova}</code>, until tick {deadlineTick}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
