/** The upper edge of the timeline: by drag or key it makes it higher or lower. */
import { useRef } from 'preact/hooks';
import { HEIGHT_MIN, heightMax, setTimelineHeight, timelineHeight } from '../state/height.ts';

/** What an arrow adds, in pixels. */
const KEY_PIXELS = 24;

export function Resizer() {
  const ref = useRef<HTMLDivElement>(null);
  const now = () => timelineHeight.peek() ?? ref.current?.parentElement?.clientHeight ?? HEIGHT_MIN;
  const byKey = (event: KeyboardEvent) => {
    const height = {
      ArrowUp: now() + KEY_PIXELS,
      ArrowDown: now() - KEY_PIXELS,
      Home: HEIGHT_MIN,
      End: heightMax(),
    }[event.key];
    if (height === undefined) return;
    event.preventDefault();
    setTimelineHeight(height);
  };
  const byDrag = (pressed: PointerEvent) => {
    const element = ref.current!;
    const bottom = pressed.clientY + now();
    const move = ({ clientY }: PointerEvent) => setTimelineHeight(bottom - clientY);
    element.setPointerCapture(pressed.pointerId);
    element.addEventListener('pointermove', move);
    const end = () => element.removeEventListener('pointermove', move);
    element.addEventListener('lostpointercapture', end, { once: true });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule of text has no value and no keys
    <div
      ref={ref}
      class="resizer"
      role="separator"
      tabIndex={0}
      aria-label="Height of the timeline"
      aria-orientation="horizontal"
      aria-valuemin={HEIGHT_MIN}
      aria-valuemax={heightMax()}
      aria-valuenow={now()}
      onKeyDown={byKey}
      onPointerDown={byDrag}
    />
  );
}
