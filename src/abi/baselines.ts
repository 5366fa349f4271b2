/**
 * The kernel versions whose behaviour can be emulated: the .0 releases, except 6.12.117 and 7.3.4.
 */
export const BASELINES = [
  'V6_PATCH',
  'LINUX_6_11',
  'LINUX_6_12_0',
  'LINUX_6_12_117',
  'LINUX_6_13',
  'LINUX_6_14',
  'LINUX_6_15',
  'LINUX_6_16',
  'LINUX_7_3_4',
] as const;

export type BaselineName = (typeof BASELINES)[number];

export function isBaseline(name: string): name is BaselineName {
  return (BASELINES as readonly string[]).includes(name);
}

export const DEFAULT_BASELINE: BaselineName = 'LINUX_6_12_117';

export const BASELINE_TEXT: Readonly<Record<BaselineName, string>> = {
  V6_PATCH: 'The sixth posting of the series (May 2024), as in the mail.',
  LINUX_6_11: 'Linux 6.11: the series as merged.',
  LINUX_6_12_0: 'Linux 6.12, first release.',
  LINUX_6_12_117: 'Linux 6.12.117 (LTS): the reference; the kernel traces were recorded on it.',
  LINUX_6_13: 'Linux 6.13.',
  LINUX_6_14: 'Linux 6.14.',
  LINUX_6_15: 'Linux 6.15: replace answers the wrong fault queue.',
  LINUX_6_16: 'Linux 6.16: drivers enable IOPF in their own attach.',
  LINUX_7_3_4: 'Linux 7.3.4: the newest stable release looked at.',
};
