/** What the kernel's self-tests said of themselves, in the Test Anything Protocol. */

export interface Tally {
  readonly passed: readonly string[];
  /** With the line that failed, where it is told. */
  readonly failed: readonly { readonly test: string; readonly why: string }[];
  readonly skipped: readonly string[];
  /** Those that map huge pages, where there are none. */
  readonly notRun: readonly string[];
}

/** Tests that map memory with MAP_HUGETLB: they fail where no huge page is free. */
const HUGE = /huge|\.user_copy$/;
/** mmap gave no memory: MAP_FAILED. */
const NO_MEMORY = 'MAP_FAILED';

/** Reads what a program printed, verdicts and reasons; `hugePages`: how many there are. */
export function tally(output: string, said: string, hugePages: number): Tally {
  const reasons = reasonsOf(said);
  const whyOf = (test: string) =>
    reasons.get(test.split('.').at(-1)!)?.shift() ?? 'it does not say why';
  const lines = [...output.matchAll(/^(ok|not ok) \d+ (\S+)(.*)$/gm)].map(
    ([, verdict, test, rest]) => ({ ok: verdict === 'ok', test: test!, rest: rest! }),
  );
  const failed = lines.filter(({ ok }) => !ok).map(({ test }) => ({ test, why: whyOf(test) }));
  const wantsHugePages = ({ test, why }: { test: string; why: string }) =>
    hugePages === 0 && (HUGE.test(test) || why.includes(NO_MEMORY));
  return {
    passed: lines.filter(({ ok, rest }) => ok && !rest.includes('SKIP')).map(({ test }) => test),
    failed: failed.filter(test => !wantsHugePages(test)),
    skipped: lines.filter(({ ok, rest }) => ok && rest.includes('SKIP')).map(({ test }) => test),
    notRun: failed.filter(wantsHugePages).map(({ test }) => test),
  };
}

/** The failed assertions by the names of their tests, in order: a name may come with each variant. */
function reasonsOf(said: string): Map<string, string[]> {
  const lines = [...said.matchAll(/^# \S*?(\w+\.[ch]:\d+):(\w+):(.*)$/gm)];
  const reasons = new Map<string, string[]>();
  for (const [, place, test, text] of lines) {
    reasons.set(test!, [...(reasons.get(test!) ?? []), `${place}: ${text}`]);
  }
  return reasons;
}
