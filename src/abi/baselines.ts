/**
 * The kernel versions whose behaviour can be emulated. Differences between them are data here,
 * asked by name; no version is compared anywhere in the core.
 */
export const BASELINES = ['LINUX_6_12_117'] as const;
export type BaselineName = (typeof BASELINES)[number];
export const DEFAULT_BASELINE: BaselineName = 'LINUX_6_12_117';

export const BASELINE_TEXT: Readonly<Record<BaselineName, string>> = {
  LINUX_6_12_117: 'Linux 6.12.117 (LTS): the reference; the kernel traces were recorded on it.',
};
