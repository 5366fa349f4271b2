/** A canvas as large as its place, drawn once a frame. */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { dark } from '../state/theme.ts';
import type { Pen } from './draw.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function useSize() {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current!;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, size };
}

/** Draws after each rendering, in CSS pixels. */
export function useDrawing(
  canvas: RefObject<HTMLCanvasElement | null>,
  size: Size,
  draw: (pen: Pen) => void,
): void {
  // Read, so that a change of it draws again.
  dark.value;
  useEffect(() => {
    const element = canvas.current!;
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (element.width !== width) element.width = width;
    if (element.height !== height) element.height = height;
    const frame = requestAnimationFrame(() => {
      const pen = element.getContext('2d')!;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      draw(pen);
    });
    return () => cancelAnimationFrame(frame);
  });
}
