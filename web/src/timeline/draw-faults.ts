/** The fault lanes: each iopf group one bar, from its first page request to its answer. */
import type { Range } from '../state/address.ts';
import type { Palette } from './palette.ts';
import { GUTTER, type Scale } from './scale.ts';
import { type Depths, type GroupBar, type Outcome, ROWS, type Scene } from './scene.ts';

type Pen = CanvasRenderingContext2D;

/** How many groups wait in their queue, and above them how many are read and not answered. */
export function drawCurve(pen: Pen, scene: Scene, palette: Palette): void {
  const { top, height } = ROWS.curve;
  const { depths, width, scale } = scene;
  const end = endOf(scale, scene.view);
  if (depths !== null) drawDepths(pen, depths, scale.x, palette, { top, height, end });
  pen.fillStyle = palette.line;
  pen.fillRect(GUTTER, top + height, width - GUTTER, 1);
}

/** What goes on is drawn so far behind the newest event, in CSS pixels. */
const ON = 6;

/** Where what has not ended ends in the picture: half an event on, and not outside. */
function endOf({ x }: Scale, { to }: Range, newest = to): number {
  return Math.min(x(newest + 0.5), x(to) + ON);
}

/** A curve of depths, its highest as high as its row. */
export function drawDepths(
  pen: Pen,
  { first, last, waiting, held }: Depths,
  x: (seq: number) => number,
  palette: Palette,
  { top, height, end }: { readonly top: number; readonly height: number; readonly end: number },
): void {
  let most = 1;
  for (let at = 0; at < first.length; at += 1) most = Math.max(most, waiting[at]! + held[at]!);
  const unit = (height - 2) / most;
  for (let at = 0; at < first.length; at += 1) {
    // A state holds from its event until the next; the half pixel closes the seam between two.
    const left = Math.max(x(first[at]!), GUTTER);
    const wide = Math.min(x(last[at]! + 1) + 0.5, end) - left;
    if (wide <= 0) continue;
    const low = waiting[at]! * unit;
    const high = held[at]! * unit;
    pen.fillStyle = palette.waiting;
    if (low > 0) pen.fillRect(left, top + height - low, wide, low);
    pen.fillStyle = palette.held;
    if (high > 0) pen.fillRect(left, top + height - low - high, wide, high);
  }
}

const END_COLORS: Readonly<Record<Outcome, keyof Palette>> = {
  SUCCESS: 'good',
  INVALID: 'bad',
  TAKEN_AWAY: 'taken',
  LOST: 'taken',
  OPEN: 'held',
};

const SIGNS: Readonly<Record<Outcome, string>> = {
  SUCCESS: '✓',
  INVALID: '✕',
  TAKEN_AWAY: '⊗',
  LOST: '⊗',
  OPEN: '…',
};

/** Bars at least so wide have their number beside them. */
const NAMED_PIXELS = 24;

export function drawBars(pen: Pen, scene: Scene, palette: Palette): void {
  const { x, step } = scene.scale;
  pen.save();
  pen.beginPath();
  pen.rect(GUTTER, ROWS.lanes.top - 4, scene.width - GUTTER, scene.height);
  pen.clip();
  pen.fillStyle = palette.faint;
  for (const { row } of scene.lanes.slice(1)) {
    pen.fillRect(GUTTER, ROWS.lanes.top + row * ROWS.lanes.each - 3, scene.width, 1);
  }
  for (const bar of scene.groups) drawBar(pen, bar, scene, palette, x, step);
  pen.restore();
}

function drawBar(
  pen: Pen,
  bar: GroupBar,
  scene: Scene,
  palette: Palette,
  x: (seq: number) => number,
  step: number,
): void {
  const { top, each } = ROWS.lanes;
  const y = top + bar.row * each;
  const tall = each - 5;
  if (y > scene.height) return;
  const end = bar.ended === null ? endOf(scene.scale, scene.view, scene.newest) : x(bar.ended);
  const queued = bar.queued === null ? end : x(bar.queued);
  const read = bar.read === null ? end : x(bar.read);
  const color = palette[END_COLORS[bar.outcome]];
  pen.fillStyle = palette.quiet;
  pen.fillRect(x(bar.requested), y + tall / 2 - 0.5, Math.max(queued - x(bar.requested), 1), 1.5);
  pen.fillRect(x(bar.requested) - 0.5, y + 2, 1.5, tall - 4);
  pen.strokeStyle = color;
  pen.lineWidth = 1.5;
  if (read > queued) pen.strokeRect(queued, y + 0.75, read - queued, tall - 1.5);
  pen.fillStyle = color;
  if (bar.read !== null) pen.fillRect(read, y, Math.max(end - read, 2), tall);
  if (bar.ended !== null) drawEnd(pen, bar.outcome, end, y, tall);
  if (bar.id === scene.selectedGroup) {
    pen.strokeStyle = palette.text;
    pen.strokeRect(queued - 3, y - 2, Math.max(end - queued, 2) + 8, tall + 4);
  }
  if (end - queued < NAMED_PIXELS && step < NAMED_PIXELS) return;
  pen.fillStyle = palette.text;
  drawName(pen, bar, scene, end + 8, y + tall / 2 + 0.5);
}

/** Beside the bar's end, clear of the playhead; where there is no room, before its beginning. */
function drawName(pen: Pen, bar: GroupBar, scene: Scene, beside: number, y: number): void {
  const text = `${SIGNS[bar.outcome]} ${bar.id}`;
  const wide = pen.measureText(text).width;
  const { x } = scene.scale;
  const line = x(scene.playhead);
  const isUnderLine = line > beside - 3 && line < beside + wide + 3;
  const left = isUnderLine ? line + 5 : beside;
  const fits = left + wide < scene.width;
  pen.textAlign = fits ? 'left' : 'right';
  pen.fillText(text, fits ? left : x(bar.requested) - 6, y);
}

/** The shape of the end tells the outcome without colour: a bar, a cross, a ring. */
function drawEnd(pen: Pen, outcome: Outcome, x: number, y: number, tall: number): void {
  pen.lineWidth = 2;
  pen.strokeStyle = pen.fillStyle;
  pen.beginPath();
  if (outcome === 'SUCCESS') {
    pen.moveTo(x, y - 1.5);
    pen.lineTo(x, y + tall + 1.5);
  } else if (outcome === 'INVALID') {
    pen.moveTo(x - 4, y);
    pen.lineTo(x + 4, y + tall);
    pen.moveTo(x + 4, y);
    pen.lineTo(x - 4, y + tall);
  } else {
    pen.arc(x, y + tall / 2, tall / 2 - 1, 0, Math.PI * 2);
  }
  pen.stroke();
}
