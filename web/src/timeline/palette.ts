/** The colours of the canvas: those of the style sheet, so that themes have one source. */
const NAMES = {
  text: '--text',
  quiet: '--text-quiet',
  line: '--line',
  faint: '--line-faint',
  sheet: '--sheet',
  USER_SPACE: '--layer-user-space',
  IOMMUFD: '--layer-iommufd',
  IOMMU_CORE: '--layer-iommu-core',
  HARDWARE: '--layer-hardware',
  waiting: '--waiting',
  held: '--held',
  good: '--good',
  bad: '--bad',
  taken: '--taken',
  accent: '--accent',
  other: '--other',
} as const;

export type Palette = Readonly<Record<keyof typeof NAMES, string>>;

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    Object.entries(NAMES).map(([name, variable]) => [name, style.getPropertyValue(variable)]),
  ) as Palette;
}
