/** Files of traces: a sequence a line, plain or gzipped. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FILE_JSON_DEPTH_MAX, shownPath, tooDeepAt } from '../../log/export/json-depth.ts';
import { type Fields, isObject, TraceFormatError, type TraceSequence } from './trace-format.ts';
import { headerOf } from './trace-setting.ts';

/**
 * Gives what each line holds, and what a header line before it says of the lines after it, with the
 * line's place among the sequences, from 0. Errors: TraceFormatError, also where `use` throws one: it
 * names file and line.
 */
export async function eachLine(
  file: string,
  use: (line: unknown, ordinal: number) => Promise<void>,
): Promise<void> {
  const bytes = await readFile(file).catch(({ code }: NodeJS.ErrnoException) => {
    const wanted = 'name a kernel trace, .jsonl or .jsonl.gz';
    throw new TraceFormatError(`FILE: "${file}" cannot be read (${code}); ${wanted}`);
  });
  const text = (file.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
  let ordinal = 0;
  let header: Fields = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      const parsed = parseLine(line);
      const said = headerOf(parsed);
      if (said !== null) header = said;
      else await use(isObject(parsed) ? { ...header, ...parsed } : parsed, ordinal++);
    } catch (error) {
      if (!(error instanceof TraceFormatError)) throw error;
      throw new TraceFormatError(`${file}:${index + 1}: ${error.message}`);
    }
  }
  if (ordinal === 0) throw new TraceFormatError(`${file}: it holds no sequence`);
}

/** As `eachLine`, of a file of kernel traces. */
export async function eachSequence(
  file: string,
  use: (sequence: TraceSequence, ordinal: number) => Promise<void>,
): Promise<void> {
  await eachLine(file, (line, ordinal) => use(parseSequence(line), ordinal));
}

/** What a line holds; null if that is not JSON, which no sequence is. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** A sequence of kernel operations. Errors: TraceFormatError. */
export function parseSequence(sequence: unknown): TraceSequence {
  if (!isObject(sequence) || !Array.isArray(sequence['ops'])) {
    if (isObject(sequence) && sequence['faultline'] === 'export') {
      throw new TraceFormatError(
        'this is an export of a machine and no kernel trace; faultline replay runs it again',
      );
    }
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
