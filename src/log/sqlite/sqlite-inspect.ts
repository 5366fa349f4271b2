/**
 * Looks at a file before it is opened for good, so that one which is not an intact log of ours is
 * refused by name and keeps every byte.
 *
 * What the first page tells is read without SQLite, which would create files beside it.
 */
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { verifyOwnChain } from '../chain.ts';
import { type Damage, DatabaseRefusedError, damageText } from '../log.ts';
import { type SharingStore, withSharedPast } from '../shared-past.ts';
import { APPLICATION_ID, defineRowDigest, SCHEMA_VERSION, schemaVersion } from './schema.ts';
import { sqliteStore } from './sqlite-store.ts';

/** Files up to this many bytes have SQLite's structures checked at open (quick_check). */
export const QUICK_CHECK_BYTES_MAX = 256 * 1024 * 1024;
/** Files up to this many bytes have indexes and every machine's hash chain verified at open, too. */
export const VERIFY_BYTES_MAX = 32 * 1024 * 1024;

const WANTED_FILE = 'Name a Faultline log, or a file that does not exist yet';
const WANTED_BACKUP = 'Restore it from a copy, or name another file';
const WANTED_VERSION = 'Open it with the newer Faultline that wrote it';

/** NEW: there is nothing in it yet. Throws DatabaseRefusedError. */
export function inspectFile(file: string): 'NEW' | 'OURS' {
  const kind = inspectHeader(file);
  if (kind === 'OURS') inspectContents(file, sizeOf(file) + sizeOf(`${file}-wal`));
  return kind;
}

/** As `inspectFile`, from what the first page tells alone. */
export function inspectHeader(file: string): 'NEW' | 'OURS' {
  const bytes = sizeOf(file);
  const walBytes = sizeOf(`${file}-wal`);
  if (bytes === 0) {
    if (walBytes === 0) return 'NEW';
    refuse(file, 'it is missing or empty, but the write-ahead log beside it is not', WANTED_BACKUP);
  }
  const header = readHeader(file);
  if (header === null) refuse(file, 'it is not an SQLite database', WANTED_FILE);
  if (header.applicationId === 0 && header.empty && walBytes === 0) {
    if (header.userVersion === 0) return 'NEW';
    const reason = `it is an SQLite database that something else began (user_version ${header.userVersion})`;
    refuse(file, reason, WANTED_FILE);
  }
  if (header.applicationId === 0) {
    refuse(file, 'it is an SQLite database with tables of something else', WANTED_FILE);
  }
  if (header.applicationId !== APPLICATION_ID) {
    const id = `0x${header.applicationId.toString(16).padStart(8, '0')}`;
    refuse(file, `it belongs to another application (application_id ${id})`, WANTED_FILE);
  }
  refuseNewer(file, header.userVersion);
  return 'OURS';
}

/** In bytes; 0 if there is no such file. */
function sizeOf(file: string): number {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return 0;
  if (!status.isFile()) refuse(file, 'it is not a regular file', WANTED_FILE);
  return status.size;
}

interface Header {
  readonly applicationId: number;
  readonly userVersion: number;
  /** There is no table, index, view or trigger. */
  readonly empty: boolean;
}

/** The SQLite file format, sections 1.3 (the header, 100 bytes) and 1.6 (the first page's b-tree). */
function readHeader(file: string): Header | null {
  const bytes = Buffer.alloc(108);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, bytes, 0, bytes.length, 0) < bytes.length) return null;
  } finally {
    closeSync(descriptor);
  }
  if (bytes.toString('latin1', 0, 16) !== 'SQLite format 3\0') return null;
  const leafPage = bytes.readUInt8(100) === 13;
  return {
    applicationId: bytes.readUInt32BE(68),
    userVersion: bytes.readUInt32BE(60),
    empty: leafPage && bytes.readUInt16BE(103) === 0,
  };
}

function refuseNewer(file: string, version: number): void {
  if (version <= SCHEMA_VERSION) return;
  const reason = `its schema version is ${version}, and ${SCHEMA_VERSION} is the newest known here`;
  refuse(file, reason, WANTED_VERSION);
}

function inspectContents(file: string, bytes: number): void {
  const hadShm = existsSync(`${file}-shm`);
  // The last connection to close writes the write-ahead log into the file, unless it is read-only.
  // Without a write-ahead log there is nothing to write, and a read-only one would leave two
  // files behind.
  const readonly = existsSync(`${file}-wal`);
  try {
    const database = new SqliteDatabase(file, { readonly, fileMustExist: true });
    try {
      // One moment of the file, whatever another process appends meanwhile.
      database.transaction(() => inspectTables(file, database, bytes))();
    } finally {
      database.close();
    }
  } catch (error) {
    if (readonly && !hadShm) rmSync(`${file}-shm`, { force: true });
    if (!(error instanceof SqliteDatabase.SqliteError)) throw error;
    if (error.code.startsWith('SQLITE_BUSY')) throw error;
    refuse(file, `SQLite cannot read it (${error.code}: ${error.message})`, WANTED_BACKUP);
  }
}

function inspectTables(file: string, database: Database, bytes: number): void {
  const version = schemaVersion(database);
  refuseNewer(file, version);
  if (bytes > QUICK_CHECK_BYTES_MAX) return;
  // Only the full check sees an index that disagrees with its table, and so hides operations.
  const check = bytes <= VERIFY_BYTES_MAX ? 'integrity_check' : 'quick_check';
  const found = database.pragma(`${check}(1)`, { simple: true });
  if (found !== 'ok') refuse(file, `it is corrupt (${found})`, WANTED_BACKUP);
  if (version === 0 || bytes > VERIFY_BYTES_MAX) return;
  seeAsToday(database, version);
  const store = withSharedPast(sqliteStore(database));
  for (const damage of damageIn(store, version)) {
    const where = `machine ${damage.machineId}, ${damageText(damage)}`;
    refuse(file, `it is damaged at ${where}`, WANTED_BACKUP);
  }
}

/** Gives an older version the forks of this one, for this connection alone. */
function seeAsToday(database: Database, version: number): void {
  if (version === 1) {
    database.exec(
      'create temp table forks (machine_id, parent_id, number, seq, hash, at_ms, digest)',
    );
  } else if (version === 2) {
    // What was changed in them since cannot be told: they had no digest yet.
    defineRowDigest(database);
    const columns = 'machine_id, parent_id, number, seq, hash, at_ms';
    database.exec(
      `create temp view forks as select ${columns}, faultline_row_digest('fork', ${columns}) as digest from main.forks`,
    );
  }
}

function* damageIn(store: SharingStore, version: number): Generator<Damage> {
  // First, since the chains of forks rest on them.
  if (version >= 3) yield* store.damagedRows(null);
  for (const machineId of store.machineIds('', Number.MAX_SAFE_INTEGER)) {
    const damage = verifyOwnChain(store, machineId);
    if (damage !== null) yield damage;
  }
}

function refuse(file: string, reason: string, wanted: string): never {
  throw new DatabaseRefusedError(file, reason, wanted);
}
