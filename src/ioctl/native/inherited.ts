/**
 * Files from number 3 on that whoever started this process passed to it, for the program that it starts.
 * Node marks what it finds to be closed by exec, as its own files are, so the mark tells nothing. Its own
 * are of few kinds; where the caller's are of those, too, a process that was passed none shows which Node
 * opens, and in which order: each got the lowest number that was free.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface OpenFile {
  readonly number: number;
  /** What it is; of a pipe: which end, and its flags. */
  readonly kind: string;
  /** What the link in /proc/self/fd says. */
  readonly link: string;
}

export interface InheritedFiles {
  /** All, for the program. */
  readonly numbers: readonly number[];
  /** Those of them that cannot be Node's own. */
  readonly certain: readonly number[];
}

const FIRST = 3;
const NODE_KINDS = /^anon_inode:\[(?:eventpoll|eventfd|io_uring)\]$/;
const PIPE = /^pipe:/;
/** How often Node 22 and 24 open what they keep; of io_uring there is none where it is forbidden. */
const USUAL: Readonly<Record<string, number>> = {
  'anon_inode:[eventpoll]': 3,
  'anon_inode:[eventfd]': 3,
  pipe: 8,
};
const O_CLOEXEC = 0o200_0000;

/** Files of this process from 3 on, by number; empty where there is no /proc. */
export function openFiles(): readonly OpenFile[] {
  try {
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter(number => number >= FIRST)
      .sort((a, b) => a - b)
      .flatMap(openFile);
  } catch {
    return [];
  }
}

function openFile(number: number): readonly OpenFile[] {
  try {
    const link = readlinkSync(`/proc/self/fd/${number}`);
    if (!PIPE.test(link)) return [{ number, kind: link, link }];
    const info = readFileSync(`/proc/self/fdinfo/${number}`, 'utf8');
    const flags = Number.parseInt(/^flags:\s+(\d+)/m.exec(info)?.[1] ?? '0', 8) & ~O_CLOEXEC;
    return [{ number, kind: `pipe ${flags.toString(8)}`, link }];
  } catch {
    // The folder itself, while it was read.
    return [];
  }
}

/** Taken before anything else of this program opens files: the command line imports it first. */
export const FILES_AT_START = openFiles();

/** Node's own have both ends of each pipe. */
function mayBeNodes(files: readonly OpenFile[]): (file: OpenFile) => boolean {
  return ({ link }) =>
    NODE_KINDS.test(link) || (PIPE.test(link) && files.filter(of => of.link === link).length === 2);
}

function isUsual(files: readonly OpenFile[]): boolean {
  return Object.entries(USUAL).every(
    ([kind, count]) => files.filter(of => of.kind.startsWith(kind)).length === count,
  );
}

/** Which of `files` were passed. `reference`: kinds of what Node opens by itself, in their order. */
export function inheritedOf(
  files: readonly OpenFile[],
  reference: () => readonly string[],
): InheritedFiles {
  const isDoubtful = mayBeNodes(files);
  const certain = files.filter(file => !isDoubtful(file)).map(({ number }) => number);
  const doubtful = files.filter(isDoubtful);
  const own = isUsual(doubtful)
    ? doubtful.map(({ number }) => number)
    : (ownOf(files, reference()) ?? doubtful.map(({ number }) => number));
  const numbers = files.map(({ number }) => number).filter(number => !own.includes(number));
  return { numbers, certain };
}

/**
 * The numbers of files of these kinds that were opened in this order, each at the lowest number that was
 * free; of several ways the one with the highest numbers. null: there is none.
 */
function ownOf(files: readonly OpenFile[], kinds: readonly string[]): readonly number[] | null {
  // It could not be found out: what may be Node's is.
  if (kinds.length === 0) return null;
  const kindAt = new Map(files.map(({ number, kind }) => [number, kind]));
  const dead = new Set<string>();
  const from = (number: number, next: number): readonly number[] | null => {
    if (next === kinds.length) return [];
    const here = `${number} ${next}`;
    const kind = kindAt.get(number);
    if (kind === undefined || dead.has(here)) return null;
    const later = from(number + 1, next);
    if (later !== null) return later;
    const rest = kind === kinds[next] ? from(number + 1, next + 1) : null;
    if (rest === null) dead.add(here);
    return rest === null ? null : [number, ...rest];
  };
  return from(FIRST, 0);
}

/** What Node opens by itself, by a process of it that was passed nothing: all here close on exec. */
export function nodesOwnKinds(): readonly string[] {
  const program = `import(${JSON.stringify(import.meta.url)}).then(({ FILES_AT_START: files }) =>
    process.stdout.write(JSON.stringify(files.map(({ kind }) => kind))))`;
  const { stdout } = spawnSync(process.execPath, [...process.execArgv, '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  try {
    return JSON.parse(stdout) as string[];
  } catch {
    return [];
  }
}
