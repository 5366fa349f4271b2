/** The timeline: a canvas that is a slider, and the groups in view once more as a table. */
import { useRef } from 'preact/hooks';
import { type Head, newest } from '../data/head.ts';
import { keyInput } from '../data/keys.ts';
import { shown } from '../data/moments.ts';
import type { Range } from '../state/address.ts';
import { goTo } from '../state/go.ts';
import { axis, other, playhead, selected } from '../state/place.ts';
import { select } from '../state/select.ts';
import { nextAxis, pan, setView, viewed, zoom } from '../state/view.ts';
import { grouped, LAYER_NAMES, LAYERS } from '../ui/format.ts';
import { type Size, useDrawing, useSize } from './canvas.ts';
import { draw } from './draw.ts';
import { GroupTable } from './group-table.tsx';
import { paletteOf } from './palette.ts';
import { Resizer } from './resizer.tsx';
import { type Scale, stepScale, type Times, timeScale } from './scale.ts';
import { ROWS, type Scene } from './scene.ts';
import { type TimelineData, timelineData } from './timeline-data.ts';

function scaleOf(range: Range, width: number, times: Times | null): Scale {
  return (times && timeScale(range, width, times)) ?? stepScale(range, width);
}

function sceneOf(head: Head, size: Size, data: TimelineData): Scene {
  const key = selected.value === null ? null : keyInput(selected.value);
  const view = viewed.value;
  const whole = { from: 0, to: Math.max(newest.value, view.to) };
  return {
    ...size,
    ...data,
    view,
    scale: scaleOf(view, size.width, data.times),
    wholeScale: scaleOf(whole, size.width, data.wholeTimes),
    newest: newest.value,
    playhead: playhead.value ?? 0,
    other: other.value?.machine === head.machineId ? other.value.seq : null,
    selectedGroup: key?.kind === 'IOPF_GROUP' ? (key.id ?? null) : null,
    marks: head.marks.edges.map(({ node }) => node),
  };
}

export function Timeline({ head }: { head: Head }) {
  const { ref, size } = useSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const data = timelineData.value;
  const scene = sceneOf(head, size, data);
  useDrawing(canvas, size, pen => draw(pen, scene, paletteOf(canvas.current!)));
  const at = playhead.value ?? 0;
  const event = shown.value?.event;
  return (
    <section
      class="region timeline"
      aria-label="Timeline"
      data-view={`${scene.view.from}..${scene.view.to}`}
      data-axis={axis.value}
    >
      <Resizer />
      <Names scene={scene} />
      <div
        class="slider"
        id="timeline"
        ref={ref}
        role="slider"
        tabIndex={0}
        aria-label="Playhead"
        aria-valuemin={0}
        aria-valuemax={newest.value}
        aria-valuenow={at}
        aria-valuetext={`${at}: ${event?.seq === at ? event.summary : 'moment'}`}
        onPointerDown={pressed => scrub(pressed, scene)}
        onWheel={turned => wheel(turned, scene)}
      >
        <canvas ref={canvas} />
      </div>
      <AxisButton />
      <GroupTable groups={scene.groups} />
    </section>
  );
}

/** What the ruler counts: events, or the clock. */
function AxisButton() {
  return (
    <button
      type="button"
      class="axis"
      style={{ top: `${ROWS.ruler.top - 3}px` }}
      onClick={nextAxis}
    >
      {axis.value === 'step' ? 'by event' : 'by time'} <kbd>x</kbd>
    </button>
  );
}

/** The names of the rows, at the left of the canvas. */
function Names({ scene }: { scene: Scene }) {
  const { strips } = ROWS;
  const contexts = new Set(scene.lanes.map(({ contextId }) => contextId)).size;
  const top = (pixels: number) => ({ top: `${pixels}px` });
  return (
    <div class="row-names" aria-hidden="true">
      <span style={top(ROWS.overview.top)}>
        whole machine
        <small>{grouped(scene.newest)} events</small>
      </span>
      {LAYERS.map((layer, index) => (
        <span key={layer} style={top(strips.top + index * strips.each - 1)}>
          {LAYER_NAMES[layer]}
        </span>
      ))}
      <span style={top(ROWS.curve.top + 4)}>unanswered</span>
      {scene.lanes.length === 0 && (
        <span style={top(ROWS.lanes.top - 3)}>
          faults
          {scene.sums !== null && <small>zoom in for each</small>}
        </span>
      )}
      {scene.lanes.map(({ contextId, faultId, row }) => (
        <span
          class="lane-name"
          key={`${contextId} ${faultId}`}
          style={top(ROWS.lanes.top - 3 + row * ROWS.lanes.each)}
        >
          {contexts > 1 && `${contextId}: `}queue {faultId}
        </span>
      ))}
    </div>
  );
}

/** A pointer that moves by less is meant to press, not to drag. */
const CLICK_PIXELS = 4;

/** The group whose bar is at a place of the canvas, drawn wide enough to be met. */
function groupAt({ groups, scale, newest }: Scene, x: number, y: number) {
  const row = Math.floor((y - ROWS.lanes.top) / ROWS.lanes.each);
  return groups.find(bar => {
    const left = scale.x(bar.requested) - CLICK_PIXELS;
    const right = scale.x(bar.ended ?? newest) + CLICK_PIXELS;
    return bar.row === row && x >= left && x <= right;
  });
}

/** A press on the overview moves the view, elsewhere the playhead; a drag goes on with it. */
function scrub(pressed: PointerEvent, scene: Scene): void {
  if (pressed.button !== 0) return;
  const element = pressed.currentTarget as HTMLElement;
  const box = element.getBoundingClientRect();
  const onOverview = pressed.clientY - box.top < ROWS.overview.top + ROWS.overview.height;
  const move = ({ clientX }: PointerEvent) => {
    const scale = onOverview ? scene.wholeScale : scene.scale;
    const seq = scale.seq(clientX - box.left);
    goTo(seq);
    if (!onOverview) return;
    const half = (scene.view.to - scene.view.from) / 2;
    setView(seq - half, seq + half);
  };
  move(pressed);
  element.setPointerCapture(pressed.pointerId);
  element.addEventListener('pointermove', move);
  const end = () => element.removeEventListener('pointermove', move);
  const group = groupAt(scene, pressed.clientX - box.left, pressed.clientY - box.top);
  const released = ({ clientX }: PointerEvent) => {
    end();
    const isClick = Math.abs(clientX - pressed.clientX) < CLICK_PIXELS;
    if (isClick && group !== undefined) select(`IOPF_GROUP:${group.id}`);
  };
  element.addEventListener('pointerup', released, { once: true });
  element.addEventListener('pointercancel', end, { once: true });
}

const ZOOM_A_NOTCH = 1.2;

/** The wheel zooms at the pointer; sideways, or with shift, it pans. */
function wheel(turned: WheelEvent, scene: Scene): void {
  turned.preventDefault();
  const sideways = turned.shiftKey ? turned.deltaY : turned.deltaX;
  if (Math.abs(sideways) > Math.abs(turned.deltaY) || turned.shiftKey) {
    pan(Math.sign(sideways) * 0.05);
    return;
  }
  const box = (turned.currentTarget as HTMLElement).getBoundingClientRect();
  const around = scene.scale.seq(turned.clientX - box.left);
  zoom(turned.deltaY > 0 ? ZOOM_A_NOTCH : 1 / ZOOM_A_NOTCH, around);
}
