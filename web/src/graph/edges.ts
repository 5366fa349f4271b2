/** The way of an edge between two nodes, so that it passes behind no third one. */
import type { Place } from './layout.ts';

export interface Measures {
  /** From column to column, from row to row, in CSS pixels. */
  readonly columnStep: number;
  readonly rowStep: number;
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
}

/** Edges from so many rows pass a gap side by side, so many pixels from one another. */
const WAYS = 5;
const WAY_STEP = 2.5;

export function leftOf({ column }: Place, m: Measures): number {
  return m.left + column * m.columnStep;
}

export function topOf({ row }: Place, m: Measures): number {
  return m.top + row * m.rowStep;
}

/** SVG path data: straight between neighbours, else through the gap between two rows. */
export function edgePath(from: Place, to: Place, m: Measures): string {
  const y1 = topOf(from, m) + m.height / 2;
  const y2 = topOf(to, m) + m.height / 2;
  if (from.column === to.column) {
    const x = leftOf(from, m) + m.width / 2;
    const down = to.row > from.row;
    const start = topOf(from, m) + (down ? m.height : 0);
    const end = topOf(to, m) + (down ? 0 : m.height);
    if (Math.abs(to.row - from.row) === 1) return `M${x} ${start}V${end}`;
    const side = leftOf(from, m) + m.width;
    const out = side + (m.columnStep - m.width) / 2;
    return `M${side} ${y1}C${out} ${y1} ${out} ${y2} ${side} ${y2}`;
  }
  const right = to.column > from.column;
  const x1 = leftOf(from, m) + (right ? m.width : 0);
  const x2 = leftOf(to, m) + (right ? 0 : m.width);
  const spread = ((from.row % WAYS) - (WAYS - 1) / 2) * WAY_STEP;
  const gap = (m.columnStep - m.width) * (right ? 1 : -1) + spread;
  if (Math.abs(to.column - from.column) === 1) {
    const middle = (x1 + x2) / 2;
    return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
  }
  // Below the upper of the two rows, or right below both.
  const row = Math.min(from.row, to.row);
  const lane = m.top + row * m.rowStep + m.height + (m.rowStep - m.height) / 2 + spread;
  const a = x1 + gap;
  const b = x2 - gap;
  return (
    `M${x1} ${y1}C${x1 + gap / 2} ${y1} ${x1 + gap / 2} ${lane} ${a} ${lane}` +
    `L${b} ${lane}C${x2 - gap / 2} ${lane} ${x2 - gap / 2} ${y2} ${x2} ${y2}`
  );
}
