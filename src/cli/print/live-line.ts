/** One line of a terminal that tells how far something is, written over itself. */

export interface LiveLine {
  readonly show: (text: string) => void;
  /** Takes the line away, before what is printed for good. */
  readonly clear: () => void;
}

const NONE: LiveLine = { show: () => {}, clear: () => {} };

/** Milliseconds between two texts of a line that is told of everything. */
const SPARING_MS = 100;

/** The same line, which takes no more texts than an eye can follow: making one costs less then, too. */
export function sparingLine(line: LiveLine): {
  readonly show: (text: () => string) => void;
  readonly clear: () => void;
} {
  let shownMs = Number.NEGATIVE_INFINITY;
  return {
    show: text => {
      const nowMs = performance.now();
      if (nowMs - shownMs < SPARING_MS) return;
      shownMs = nowMs;
      line.show(text());
    },
    clear: line.clear,
  };
}

/** On standard error, so that what is piped on stays clean; none where that is no terminal. */
export function liveLine(silent = false, stream: NodeJS.WriteStream = process.stderr): LiveLine {
  if (silent || !stream.isTTY) return NONE;
  const clear = () => void stream.write('\r\x1b[K');
  return {
    show: text => {
      // 0 is a terminal that does not say. A line that wraps could not be taken away again.
      stream.write(`\r\x1b[K${text.slice(0, (stream.columns || 80) - 1)}`);
    },
    clear,
  };
}
