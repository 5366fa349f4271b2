/** Two timelines one above the other: operations that belong together begin at the same place. */
import { useEffect, useRef } from 'preact/hooks';
import { linesOf, linesVersion } from '../data/events.ts';
import { isSame, type Rerun, type RerunStep } from '../data/rerun.ts';
import { isSame as isSameStretch, ShownStretch } from '../data/stretch.ts';
import { goTo } from '../state/go.ts';
import { machine, other, playhead } from '../state/place.ts';
import { kernelName } from '../ui/format.ts';
import { depthsOf, readBars } from './bars.ts';
import { type Size, useDrawing, useSize } from './canvas.ts';
import { drawLog, type Pen, prepare } from './draw.ts';
import { type Palette, paletteOf } from './palette.ts';
import { alignedScales, type Scale } from './scale.ts';
import { ROWS, type Scene } from './scene.ts';

/** The height of one of the two: its strips, its curve, and two rows of groups. */
const EACH = ROWS.lanes.top + 2 * ROWS.lanes.each - ROWS.strips.top + 12;

const rangeOf = (operation: RerunStep['recorded']) =>
  operation === null ? null : { from: operation.seqBefore, to: operation.seq };

/** The groups of both, by machine. */
const groups = [0, 1].map(() => new ShownStretch(readBars, isSameStretch));

interface Half {
  readonly name: string;
  readonly kernel: string;
  readonly end: number;
  readonly scale: Scale;
}

function halvesOf({ machine: made, recorded, steps }: Rerun, width: number): [Half, Half] {
  const pairs = steps.map(step => ({ a: rangeOf(step.recorded), b: rangeOf(step.rerun) }));
  const scales = alignedScales(pairs, width);
  const half = (of: typeof recorded, side: 'a' | 'b', scale: Scale): Half => ({
    name: of.machineId,
    kernel: kernelName(of.baseline),
    end: pairs.reduce((end, pair) => Math.max(end, pair[side]?.to ?? 0), 0),
    scale,
  });
  return [half(recorded, 'a', scales[0]), half(made, 'b', scales[1])];
}

function sceneOf({ name, end, scale }: Half, index: number, size: Size): Scene {
  linesVersion.value;
  const { bars, lanes } = groups[index]!.of(name) ?? { bars: [], lanes: [] };
  const events = linesOf(name, 0, end, end).map(({ seq, layer, operation }) => ({
    seq,
    layer,
    refused: operation.errno !== null,
  }));
  return {
    ...size,
    view: { from: 0, to: end },
    scale,
    wholeScale: scale,
    newest: end,
    playhead: 0,
    other: null,
    events,
    groups: bars,
    lanes,
    selectedGroup: null,
    whole: null,
    sums: null,
    depths: depthsOf(0, end, bars),
    marks: [],
  };
}

/** Where the two differ, over both. */
function drawDiffering(pen: Pen, rerun: Rerun, halves: readonly Half[], palette: Palette): void {
  pen.fillStyle = palette.bad;
  pen.globalAlpha = 0.14;
  for (const step of rerun.steps) {
    if (isSame(step)) continue;
    [step.recorded, step.rerun].forEach((operation, index) => {
      if (operation === null) return;
      const { x } = halves[index]!.scale;
      const left = x(operation.seqBefore);
      pen.fillRect(left, index * EACH, Math.max(x(operation.seq) - left, 3), EACH - 8);
    });
  }
  pen.globalAlpha = 1;
}

/** Where one stands in either of the two. */
function seqIn(name: string): number | null {
  if (machine.value === name) return playhead.value;
  return other.value?.machine === name ? other.value.seq : null;
}

function drawHalf(pen: Pen, half: Half, index: number, scene: Scene, palette: Palette): void {
  pen.save();
  pen.translate(0, index * EACH - ROWS.strips.top + 4);
  drawLog(pen, scene, palette);
  pen.restore();
  const at = seqIn(half.name);
  if (at === null) return;
  pen.fillStyle = machine.value === half.name ? palette.text : palette.other;
  pen.fillRect(half.scale.x(at) - 1, index * EACH, 2, EACH - 8);
}

export function AlignedTimelines({ rerun }: { rerun: Rerun }) {
  const { ref, size } = useSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const halves = halvesOf(rerun, size.width);
  useEffect(() => {
    for (const [index, { name, end }] of halves.entries()) {
      groups[index]!.want({ machine: name, from: 0, to: end });
    }
  }, [rerun]);
  const scenes = halves.map((half, index) => sceneOf(half, index, size));
  useDrawing(canvas, size, pen => {
    const palette = paletteOf(canvas.current!);
    prepare(pen, scenes[0]!);
    drawDiffering(pen, rerun, halves, palette);
    halves.forEach((half, index) => {
      drawHalf(pen, half, index, scenes[index]!, palette);
    });
  });
  const differing = rerun.steps.filter(step => !isSame(step)).length;
  return (
    <section class="aligned" aria-label="Both timelines">
      {halves.map(({ name, kernel }, index) => (
        <p class="aligned-name" key={name} style={{ top: `${index * EACH + 4}px` }}>
          <strong>{name}</strong> {kernel}
        </p>
      ))}
      <div
        class="aligned-canvas"
        ref={ref}
        role="img"
        aria-label={`${halves[0].name} above ${halves[1].name}, operation by operation: ${differing} of ${rerun.steps.length} differ`}
        style={{ height: `${2 * EACH}px` }}
        onPointerDown={pressed => press(pressed, halves)}
      >
        <canvas ref={canvas} />
      </div>
    </section>
  );
}

/** To where was pressed, in the machine that is open. */
function press({ clientX, currentTarget }: PointerEvent, halves: readonly Half[]): void {
  const open = halves.find(({ name }) => name === machine.peek());
  const { left } = (currentTarget as HTMLElement).getBoundingClientRect();
  if (open !== undefined) goTo(open.scale.seq(clientX - left), 'jump');
}
