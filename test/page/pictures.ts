/** Moments that are pictures: for the test that compares them, and for those of docs. */
export interface Picture {
  readonly name: string;
  readonly path: string;
  readonly seq: number;
  readonly dark: boolean;
  /** The name under which it stands in docs, too. */
  readonly inDocs?: string;
}

export const PICTURE_SIZE = { width: 1_440, height: 900 } as const;

export const PICTURES: readonly Picture[] = [
  { name: 'handle', path: '/m/story/28?sel=ATTACH_HANDLE:2', seq: 28, dark: false },
  { name: 'answered', path: '/m/story/30', seq: 30, dark: true },
  {
    name: 'taken-away',
    path: '/m/story/35?sel=IOPF_GROUP:2',
    seq: 35,
    dark: false,
    inDocs: 'page',
  },
  { name: 'compare', path: '/m/story/40?b=story@28&tab=compare', seq: 40, dark: true },
  { name: 'hazard', path: '/m/hazard/26?tab=trail', seq: 26, dark: false },
  { name: 'table', path: '/m/wrong/24?as=table&tab=log', seq: 24, dark: false },
  {
    name: 'hardware',
    path: '/m/dma/86?tab=hardware&sel=IOPF_GROUP:1',
    seq: 86,
    dark: false,
    inDocs: 'hardware',
  },
];
