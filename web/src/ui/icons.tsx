/** The page's own icons: 16 × 16, drawn with the text's colour. */
const PATHS = {
  first: 'M4 3v10M13 3.5 7 8l6 4.5z',
  previous: 'M11 3 5.5 8 11 13',
  next: 'M5 3l5.5 5L5 13',
  last: 'M12 3v10M3 3.5 9 8l-6 4.5z',
  live: 'M8 8h.01M4.5 4.5a5 5 0 0 0 0 7M11.5 4.5a5 5 0 0 1 0 7M2.3 2.3a8 8 0 0 0 0 11.4M13.7 2.3a8 8 0 0 1 0 11.4',
  theme: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
  commands: 'M3 5l3 3-3 3M8 11h5',
  close: 'M4 4l8 8M12 4l-8 8',
  changed: 'M8 3 13 12.5H3z',
  appeared: 'M8 3.5v9M3.5 8h9',
  went: 'M3.5 8h9',
  bookmark: 'M4.5 2.5h7v11L8 11l-3.5 2.5z',
  pin: 'M6 2.500h4l-.5 4 2 2.500h-7l2-2.500zM8 9v4.5',
  refused: 'M4 4l8 8M12 4l-8 8',
  hazard: 'M8 2.5 14 13H2zM8 6.500v3M8 11.200h.01',
  story: 'M5 3.2 13 8l-8 4.800z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
