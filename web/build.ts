/**
 * `node web/build.ts [--out FOLDER]`: builds the page into web/dist if what it is made of has changed
 * since. npm runs it before `npm start` and `npm test`. Without Vite, a development dependency, it
 * says so, and the server shows the playground only.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

const WEB = import.meta.dirname;
const ROOT = join(WEB, '..');

/** Where the hash of what a build was made of is kept. */
const STAMP = 'made-of.txt';

/** What the page is made of besides web/: the files it imports from src, and its libraries. */
const BESIDES = [
  'package-lock.json',
  'tsconfig.json',
  'src/client/connection.ts',
  'src/operations/typed-document.ts',
];

/** Every file under web but what was built, in one order everywhere. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter(path => !/^web[/\\]dist[/\\]/.test(path))
    .sort();
}

/** A hash of the names and the bytes of all that the page is made of. */
export function madeOf(): string {
  const hash = createHash('sha256');
  for (const path of [...filesUnder(WEB), ...BESIDES]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * The generated documents as plain texts, which is what their tag makes of them: of a text that no
 * one sends the bundler knows that it can be left out, of a call it does not. White space goes.
 */
function documentsAsTexts(code: string, file: string): string | null {
  if (!/(operations|documents)\.ts$/.test(file)) return null;
  return code.replaceAll(' gql`', ' `').replace(/`[^`]*`/g, text => text.replace(/\s+/g, ' '));
}

/** Builds, whatever was there. Two builds of the same sources have the same bytes. */
export async function build(out: string): Promise<void> {
  // What a shell or a test says must not change the bytes.
  process.env['NODE_ENV'] = 'production';
  const vite = await import('vite');
  await vite.build({
    configFile: false,
    root: WEB,
    logLevel: 'warn',
    plugins: [{ name: 'documents-are-texts', enforce: 'pre', transform: documentsAsTexts }],
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'esnext',
      // What opening loads is one file (below); what comes later is loaded by the page itself.
      modulePreload: false,
      assetsInlineLimit: 0,
      rolldownOptions: {
        // What opening loads is one file, whatever else uses of it.
        output: { codeSplitting: { groups: [{ name: 'opening', tags: ['$initial'] }] } },
      },
    },
  });
  writeFileSync(join(out, STAMP), madeOf());
}

async function buildIfChanged(out: string): Promise<void> {
  const stamp = join(out, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === madeOf()) return;
  try {
    await build(out);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.error('The page is not built: that needs the development dependencies (npm ci).');
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  await buildIfChanged(values.out ?? join(WEB, 'dist'));
}
