/** One round: a database from its beginning through several lives of its server to a quiet end. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Prng } from '../../src/sim/prng.ts';
import { checkAcknowledged } from './check/acknowledged.ts';
import { checkChains } from './check/chain.ts';
import { checkFollowers } from './check/followers.ts';
import { checkGroups } from './check/groups.ts';
import { LogFile } from './check/log-file.ts';
import { checkPast } from './check/past.ts';
import { checkCommands, checkServer, stateOf } from './check/server.ts';
import { createControl } from './disk/control.ts';
import { DiskWatch, fill, type Moment } from './disk/disk-watch.ts';
import { watchDisk } from './disk/preload.ts';
import { faultOf } from './faults.ts';
import { type Life, pause } from './load/client.ts';
import { type Acknowledged, Notes } from './load/notes.ts';
import { World } from './load/world.ts';
import { type LifePlan, needsPreload, type RoundPlan } from './plan.ts';
import { type Finished, ServerProcess } from './server-process.ts';
import { knowsStorageCodes, STORAGE_CODES } from './storage-codes.ts';

/** How long nothing may happen while handlers and followers come to rest, in milliseconds. */
const REST_MS = 30_000;
/** How long a life may take to acknowledge a few hundred operations, in milliseconds. */
const LOAD_MS = 60_000;
/** Moments of a life at which the power might have been lost as well. */
const MOMENTS = 12;

export interface RoundOptions {
  /** The tree whose server is tested. */
  readonly root: string;
  /** The library between the server and its disk; null if there is none. */
  readonly library: string | null;
  /** An existing folder, in which the round makes one of its own. */
  readonly scratch: string;
}

/** What a server rightly says after an end in the middle of a whatIf. */
const DELETED_UNFINISHED = /^machine "[^"]+" is deleted: the process that made it by whatIf .*\n/gm;

/** And where the power cut a commit that nobody was told of: pieces of it can stand behind a gap. */
const TORN =
  /^.*-wal (?:is damaged behind its frame|was overwritten, or never came to the disk).*\n?/gm;

export interface RoundResult {
  readonly findings: readonly string[];
  /** What happened, in a few words. */
  readonly story: string;
  /** Kept if something was found. */
  readonly folder: string;
}

export async function runRound(
  prng: Prng,
  plan: RoundPlan,
  options: RoundOptions,
): Promise<RoundResult> {
  const folder = realpathSync(mkdtempSync(join(options.scratch, 'round-')));
  const round = new Round(prng, plan, options, folder);
  try {
    await round.run();
  } catch (error) {
    round.notes.find((error as Error).stack ?? String(error));
  }
  const { findings } = round.notes;
  if (findings.length === 0) rmSync(folder, { recursive: true, force: true });
  return { findings, story: round.story(), folder };
}

class Round {
  readonly notes = new Notes();
  private readonly prng: Prng;
  private readonly plan: RoundPlan;
  private readonly root: string;
  private readonly folder: string;
  private readonly database: string;
  private readonly world: World;
  private readonly watch: DiskWatch | null;
  private readonly said: string[] = [];
  private moments = 0;
  /** The power cut a write in pieces once, so that the write-ahead log may hold some of them. */
  private torn = false;

  constructor(prng: Prng, plan: RoundPlan, { root, library }: RoundOptions, folder: string) {
    this.prng = prng;
    this.plan = plan;
    this.root = root;
    this.folder = folder;
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    this.database = join(disk, 'faultline.sqlite');
    this.world = new World(prng);
    const watched = needsPreload(plan.mode);
    if (watched && library === null) throw new Error(`${plan.mode} needs the preloaded library`);
    // Its own: how much it takes depends on times, and the clients' chance must not.
    const chance = new Prng(prng.below(0x1_0000_0000));
    this.watch = watched ? new DiskWatch(chance, watchDisk(library!, disk, folder)) : null;
  }

  async run(): Promise<void> {
    for (const plan of this.plan.lives) {
      await this.live(plan);
      this.check(false);
      // What follows would follow from it.
      if (this.notes.findings.length > 0) return;
    }
    await this.lastLife();
    this.check(true);
    this.checkCodes();
    const scratch = join(this.folder, 'export.jsonl');
    const [machineId = 'default'] = this.world.machineIds;
    await this.findAll(checkCommands(this.root, this.database, machineId, scratch));
  }

  story(): string {
    const { acknowledged, followed, deliveries, refused } = this.notes;
    const events = [...followed.values()].reduce((sum, seen) => sum + seen.length, 0);
    const counts = [
      `${this.notes.life} lives`,
      `${acknowledged.length} operations acknowledged`,
      `${events} events followed`,
      `${deliveries.length} groups delivered`,
      ...(refused.length > 0 ? [`${refused.length} refused`] : []),
      ...(this.moments > 0 ? [`power lost at ${this.moments} other moments`] : []),
    ];
    return [...counts, ...this.said].join(', ');
  }

  private start(): ServerProcess {
    this.notes.life++;
    const environment = this.watch?.disk.environment ?? {};
    return new ServerProcess(this.root, this.database, this.plan.durability, environment);
  }

  /** From start to crash. */
  private async live(plan: LifePlan): Promise<void> {
    const file = new LogFile(this.database);
    const server = this.start();
    if (plan.killedAtStartMs !== null) {
      await pause(plan.killedAtStartMs);
      return this.crash(server, 'SIGKILL');
    }
    const life = await this.begin(server, file);
    try {
      await this.loadAndCrash(plan, server, life);
    } finally {
      // Also when something is wrong: its clients would try for ever to reach it.
      life.over = true;
    }
  }

  private async loadAndCrash(plan: LifePlan, server: ServerProcess, life: Life): Promise<void> {
    await this.world.prepare(life);
    const handling = { answers: 0.6, leavesMs: 700 };
    const clients = [...this.world.load(life), ...this.world.attend(life, handling)];
    await this.loaded(plan);
    const fault = faultOf(this.plan.mode, plan, {
      root: this.root,
      database: this.database,
      server,
      disk: this.watch?.disk ?? null,
      life,
      client: this.world.client(life),
      say: text => this.said.push(text),
    });
    await fault();
    const endsItself = this.plan.mode === 'POWER_LOSS' && plan.endsItself;
    if (endsItself) life.over = true;
    if (endsItself) await Promise.all(clients);
    await this.crash(server, endsItself ? 'SIGTERM' : 'SIGKILL');
    life.over = true;
    await Promise.all(clients);
  }

  /** On a busy machine it takes longer until there is something to lose. */
  private async loaded({ loadMs, acknowledged }: LifePlan): Promise<void> {
    const before = this.notes.acknowledged.length;
    const deadline = Date.now() + LOAD_MS;
    await pause(loadMs);
    while (this.notes.acknowledged.length < before + acknowledged) {
      if (Date.now() > deadline) throw new Error(`less than ${acknowledged} answers in a minute`);
      await pause(10);
    }
  }

  private async begin(server: ServerProcess, file: LogFile): Promise<Life> {
    const url = await server.listening;
    if (url === null) throw new Error(`it does not start: ${(await server.finished).stderr}`);
    const journal = this.watch?.disk.journal ?? null;
    const life = { url, notes: this.notes, journal, over: false, mayRefuse: false };
    await this.findAll(checkServer(life, this.prng, file));
    return life;
  }

  private async crash(server: ServerProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const finished = await server.end(signal);
    this.checkEnd(finished, signal);
    if (this.watch === null) return;
    const moments = this.plan.losesPower ? MOMENTS : 0;
    this.watch.catchUp(moments, moment => this.checkMoment(moment));
    createControl(this.watch.disk.control);
    if (!this.plan.losesPower) return;
    const { unflushed, kept } = this.watch.losePower();
    this.said.push(`${kept} of ${unflushed} unflushed changes kept`);
    if (kept > 0 && kept < unflushed) this.torn = true;
  }

  /** The file as it might be if the power had been lost then, and what was acknowledged by then. */
  private checkMoment({ files, journalBytes }: Moment): void {
    const folder = join(this.folder, 'moment');
    mkdirSync(folder, { recursive: true });
    fill(folder, files);
    const { notes } = this;
    const by = (told: Acknowledged) => told.life < notes.life || told.journalBytes <= journalBytes;
    const acknowledged = notes.acknowledged.filter(by);
    const file = new LogFile(join(folder, basename(this.database)));
    const when = `power lost at byte ${journalBytes} of the journal`;
    for (const check of [
      checkChains(file),
      checkAcknowledged(file, { ...notes, acknowledged, refused: [] }),
    ]) {
      for (const what of check) notes.find(`life ${notes.life}, ${when}: ${what}`);
    }
    this.moments++;
  }

  /** What a full or failing disk is called, where the tree has names for it. */
  private checkCodes(): void {
    if (!knowsStorageCodes(this.root)) return;
    for (const [code, count] of this.notes.codes) {
      if (STORAGE_CODES.includes(code)) continue;
      this.notes.find(`${count} errors have the code ${code}, not ${STORAGE_CODES.join(' or ')}`);
    }
  }

  private checkEnd({ code, signal, stderr }: Finished, by: 'SIGKILL' | 'SIGTERM'): void {
    const asMeant = by === 'SIGKILL' ? signal === 'SIGKILL' : code === 0;
    if (!asMeant) this.notes.find(`it ended by itself: code ${code}, ${signal}: ${stderr}`);
    const silent = this.plan.mode === 'DISK_FULL' || this.plan.mode === 'DISK_FAILING';
    const said = stderr.replaceAll(DELETED_UNFINISHED, '');
    const unexpected = this.torn ? said.replaceAll(TORN, '').trim() : said;
    if (!silent && unexpected !== '') this.notes.find(`it says: ${unexpected}`);
  }

  /** Handlers answer everything, followers come to the end, and the server stops when asked to. */
  private async lastLife(): Promise<void> {
    const file = new LogFile(this.database);
    const server = this.start();
    const life = await this.begin(server, file);
    await this.world.prepare(life);
    const loading = { ...life };
    const loads = this.world.load(loading);
    const attending = this.world.attend(life, { answers: 1, leavesMs: null });
    await pause(200);
    loading.over = true;
    await Promise.all(loads);
    await this.rest(life);
    life.over = true;
    await Promise.all(attending);
    this.checkEnd(await server.end('SIGTERM'), 'SIGTERM');
  }

  private async rest(life: Life): Promise<void> {
    const client = this.world.client(life);
    for (const machineId of this.world.machineIds) {
      let last = '';
      for (let deadline = 0; ; await pause(20)) {
        const state = await stateOf(client, machineId);
        const seen = this.notes.followed.get(`${machineId}#1`)?.length;
        if (state?.waiting === 0 && state.seq === seen) break;
        const now = `${JSON.stringify(state)}, ${seen} events followed`;
        if (now !== last) deadline = Date.now() + REST_MS;
        if (Date.now() > deadline) this.notes.find(`${machineId} does not come to rest: ${now}`);
        if (Date.now() > deadline) return;
        last = now;
      }
    }
  }

  /** The file, while nobody has it. */
  private check(atRest: boolean): void {
    const file = new LogFile(this.database);
    const { notes } = this;
    this.findEach(checkChains(file));
    this.findEach(checkAcknowledged(file, notes));
    this.findEach(checkPast(file, notes));
    for (const machineId of this.world.machineIds) {
      this.findEach(checkGroups(file, notes, machineId, atRest));
      this.findEach(checkFollowers(file, notes, machineId, atRest));
    }
  }

  private findEach(found: Iterable<string>): void {
    for (const what of found) this.notes.find(`after life ${this.notes.life}: ${what}`);
  }

  private async findAll(found: AsyncIterable<string>): Promise<void> {
    for await (const what of found) this.notes.find(`life ${this.notes.life}: ${what}`);
  }
}
