/** Files of kernel traces: a sequence a line, plain or gzipped. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FILE_JSON_DEPTH_MAX, shownPath, tooDeepAt } from '../../log/export/json-depth.ts';
import { isObject, TraceFormatError, type TraceSequence } from './trace-format.ts';

/** Gives each sequence with its place, from 0. Errors: TraceFormatError, which names file and line. */
export async function eachSequence(
  file: string,
  use: (sequence: TraceSequence, ordinal: number) => Promise<void>,
): Promise<void> {
  const bytes = await readFile(file);
  const text = (file.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
  let ordinal = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      await use(parseSequence(line), ordinal++);
    } catch (error) {
      if (!(error instanceof TraceFormatError)) throw error;
      throw new TraceFormatError(`${file}:${index + 1}: ${error.message}`);
    }
  }
  if (ordinal === 0) throw new TraceFormatError(`${file}: it holds no sequence`);
}

function parseSequence(line: string): TraceSequence {
  let sequence: unknown;
  try {
    sequence = JSON.parse(line);
  } catch {
    // Said below.
  }
  if (!isObject(sequence) || !Array.isArray(sequence['ops'])) {
    throw new TraceFormatError('not a sequence, a JSON object with a list "ops"');
  }
  const deep = tooDeepAt(sequence);
  if (deep !== null) {
    const levels = `at most ${FILE_JSON_DEPTH_MAX} levels of JSON`;
    throw new TraceFormatError(`"${shownPath(deep)}" is nested too deeply; wanted ${levels}`);
  }
  for (const [place, operation] of sequence['ops'].entries()) {
    const what = wrongShape(operation);
    if (what !== null) throw new TraceFormatError(`operation ${place}: ${what}`);
  }
  return sequence as unknown as TraceSequence;
}

/** What an operation lacks of TraceOperation's fields, or null; `in` is looked at when it runs. */
function wrongShape(operation: unknown): string | null {
  if (!isObject(operation)) return 'it must be an object';
  const { op, in: input, errno, out, hw = [] } = operation;
  if (typeof op !== 'string') return '"op" must be a string';
  if (!isObject(input)) return '"in" must be an object';
  if (typeof errno !== 'string') return '"errno" must be a string';
  if (out !== null && !isObject(out)) return '"out" must be an object or null';
  return Array.isArray(hw) ? null : '"hw" must be a list';
}
