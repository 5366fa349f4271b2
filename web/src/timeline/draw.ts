/** Draws the timeline: what costs is pixels, not events. */

import type { Sums } from '../data/overview.ts';
import { LAYERS } from '../ui/format.ts';
import { drawBars, drawCurve, drawDepths } from './draw-faults.ts';
import type { Palette } from './palette.ts';
import { GUTTER } from './scale.ts';
import { ROWS, type Scene } from './scene.ts';

export type Pen = CanvasRenderingContext2D;

const FONT = '12px system-ui, sans-serif';

/** What a timeline is besides its overview and its ruler. */
export function drawLog(pen: Pen, scene: Scene, palette: Palette): void {
  drawStrips(pen, scene, palette);
  drawCurve(pen, scene, palette);
  drawBars(pen, scene, palette);
}

export function prepare(pen: Pen, { width, height }: Scene): void {
  pen.clearRect(0, 0, width, height);
  pen.font = FONT;
  pen.textBaseline = 'middle';
}

export function draw(pen: Pen, scene: Scene, palette: Palette): void {
  prepare(pen, scene);
  drawOverview(pen, scene, palette);
  drawRuler(pen, scene, palette);
  drawLog(pen, scene, palette);
  drawOther(pen, scene, palette);
  drawPlayhead(pen, scene, palette);
}

const MARK_COLORS = { REFUSED: 'bad', HAZARD: 'HARDWARE', NAMED: 'accent' } as const;

function drawOverview(pen: Pen, scene: Scene, palette: Palette): void {
  const { top, height } = ROWS.overview;
  const { x } = scene.wholeScale;
  pen.fillStyle = palette.sheet;
  pen.fillRect(GUTTER, top, scene.width - GUTTER, height);
  const curve = scene.whole ?? scene.depths;
  const lies = { top: top + 11, height: height - 12, end: x(scene.newest) + 2 };
  if (curve !== null) drawDepths(pen, curve, x, palette, lies);
  for (const { kind, seq } of scene.marks) {
    pen.fillStyle = palette[MARK_COLORS[kind]];
    mark(pen, kind, x(seq), top + 6);
  }
  const left = x(scene.view.from);
  pen.strokeStyle = palette.accent;
  pen.lineWidth = 1.5;
  pen.strokeRect(left, top + 0.5, Math.max(x(scene.view.to) - left, 4), height - 1);
  pen.fillStyle = palette.text;
  pen.fillRect(x(scene.playhead) - 0.75, top, 1.5, height);
}

/** A triangle for a hazard, a cross for a refusal, a flag for a bookmark. */
function mark(pen: Pen, kind: keyof typeof MARK_COLORS, x: number, y: number): void {
  pen.beginPath();
  if (kind === 'HAZARD') {
    pen.moveTo(x, y - 4);
    pen.lineTo(x + 4, y + 3);
    pen.lineTo(x - 4, y + 3);
    pen.fill();
  } else if (kind === 'NAMED') {
    pen.fillRect(x - 0.75, y - 4, 1.5, 9);
    pen.fillRect(x, y - 4, 6, 4.5);
  } else {
    pen.strokeStyle = pen.fillStyle;
    pen.lineWidth = 1.5;
    pen.moveTo(x - 3, y - 3);
    pen.lineTo(x + 3, y + 3);
    pen.moveTo(x + 3, y - 3);
    pen.lineTo(x - 3, y + 3);
    pen.stroke();
  }
}

function drawRuler(pen: Pen, scene: Scene, palette: Palette): void {
  const { top, height } = ROWS.ruler;
  pen.textAlign = 'center';
  for (const { x, text } of scene.scale.ticks()) {
    pen.fillStyle = palette.faint;
    pen.fillRect(x - 0.5, top + height, 1, scene.height);
    pen.fillStyle = palette.quiet;
    writeInside(pen, text, x, top + height / 2, scene.width);
  }
  for (const { x, text } of scene.scale.gaps) drawGap(pen, x, text, scene, palette);
}

function writeInside(pen: Pen, text: string, x: number, y: number, width: number): void {
  const half = pen.measureText(text).width / 2;
  pen.fillText(text, Math.min(Math.max(x, GUTTER + half), width - 4 - half), y);
}

/** A long time without events, drawn short: a broken line, and how long it is. */
function drawGap(pen: Pen, x: number, text: string, scene: Scene, palette: Palette): void {
  const top = ROWS.strips.top;
  pen.strokeStyle = palette.line;
  pen.lineWidth = 1;
  pen.setLineDash([2, 4]);
  pen.beginPath();
  for (const at of [x - 2, x + 2]) {
    pen.moveTo(at, top);
    pen.lineTo(at, scene.height);
  }
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = palette.quiet;
  writeInside(pen, text, x, ROWS.curve.top - 4, scene.width);
}

function drawStrips(pen: Pen, scene: Scene, palette: Palette): void {
  const { x, step } = scene.scale;
  const { top, each } = ROWS.strips;
  const row = (index: number) => top + index * each;
  if (scene.sums !== null) drawSums(pen, scene.sums, scene, palette);
  const wide = Math.min(Math.max(step * 0.5, 1.5), 5);
  for (const { seq, layer, refused } of scene.events) {
    const index = LAYERS.indexOf(layer);
    pen.fillStyle = refused ? palette.bad : palette[layer];
    pen.fillRect(x(seq) - wide / 2, row(index) + 2, wide, each - 5);
  }
}

/** Events by layer as columns: the highest of all layers is as high as its strip. */
function drawSums(pen: Pen, sums: Sums, scene: Scene, palette: Palette): void {
  const { x } = scene.scale;
  const { top, each } = ROWS.strips;
  const { first, last, layers } = sums;
  let most = 1;
  for (const layer of layers) {
    for (let at = 0; at < first.length; at += 1) {
      most = Math.max(most, layer[at]! / (last[at]! - first[at]! + 1));
    }
  }
  layers.forEach((layer, index) => {
    pen.fillStyle = palette[LAYERS[index]!];
    const base = top + index * each + each - 2;
    for (let at = 0; at < first.length; at += 1) {
      if (layer[at] === 0) continue;
      const share = layer[at]! / (last[at]! - first[at]! + 1) / most;
      const left = Math.max(x(first[at]! - 0.5), GUTTER);
      const tall = Math.max(share * (each - 4), 1);
      pen.fillRect(left, base - tall, x(last[at]! + 0.5) - left, tall);
    }
  });
}

function drawPlayhead(pen: Pen, scene: Scene, palette: Palette): void {
  const { x } = scene.scale;
  const at = x(scene.playhead);
  if (at < GUTTER - 1 || at > scene.width) return;
  const top = ROWS.ruler.top + ROWS.ruler.height;
  pen.fillStyle = palette.text;
  pen.fillRect(at - 1, top, 2, scene.height - top);
  pen.beginPath();
  pen.moveTo(at, top + 7);
  pen.lineTo(at - 6, top - 2);
  pen.lineTo(at + 6, top - 2);
  pen.fill();
}

function drawOther(pen: Pen, scene: Scene, palette: Palette): void {
  if (scene.other === null) return;
  const { x } = scene.scale;
  const at = x(scene.other);
  if (at < GUTTER - 1) return;
  const top = ROWS.ruler.top + ROWS.ruler.height;
  pen.strokeStyle = palette.other;
  pen.lineWidth = 2;
  pen.setLineDash([5, 4]);
  pen.beginPath();
  pen.moveTo(at, top);
  pen.lineTo(at, scene.height);
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = palette.other;
  pen.textAlign = 'center';
  pen.fillText('B', at, top - 7);
}
