/** For answers that take longer than it takes to want another. */

/** One piece of work is under way at a time; of what is wanted meanwhile only the newest is done. */
export function newestOnly<Wanted>(
  work: (wanted: Wanted) => Promise<void>,
): (wanted: Wanted) => void {
  let waiting: readonly Wanted[] = [];
  let underWay = false;
  const goOn = async () => {
    underWay = true;
    for (let [wanted] = waiting; wanted !== undefined; [wanted] = waiting) {
      waiting = [];
      await work(wanted);
    }
    underWay = false;
  };
  return wanted => {
    waiting = [wanted];
    if (!underWay) void goOn();
  };
}
