/** Bugs planted in the rooms around the core, each with the tests that must notice. */
export interface Mutant {
  /** What is wrong then. */
  readonly name: string;
  /** Under `src`. */
  readonly file: string;
  readonly there: string;
  readonly instead: string;
  /** Test files, under `test`. */
  readonly tests: readonly string[];
}

export const MUTANTS: readonly Mutant[] = [
  // log
  {
    name: 'full durability is opened as normal',
    file: 'log/sqlite/sqlite.ts',
    there: '`synchronous = $' + '{durability}`',
    instead: "'synchronous = normal'",
    tests: ['log/sqlite/durability.test.ts'],
  },
  {
    name: 'a page of the log has one row more than asked for',
    file: 'log/chain.ts',
    there: 'store[read](machineId, range, options.limit, backward)',
    instead: 'store[read](machineId, range, options.limit + 1, backward)',
    tests: ['log/memory.test.ts'],
  },
  {
    name: 'an entry that does not continue its predecessor is appended',
    file: 'log/row-log.ts',
    there: 'if (!continues(operation, link)) throw conflict(machineId, operation, link);',
    instead: '',
    tests: ['log/memory.test.ts', 'log/sqlite/sqlite.test.ts'],
  },
  {
    name: 'verify does not compare hashes',
    file: 'log/chain.ts',
    there: 'if (hashOf(row, before.hash) !== row.hash) {',
    instead: 'if (hashOf(row, before.hash) === undefined) {',
    tests: ['log/memory.test.ts', 'log/sqlite/sqlite-inspect.test.ts'],
  },
  {
    name: 'an event of a newer version is taken for today’s',
    file: 'log/upcast.ts',
    there: 'table.versions[event.type] !== event.v',
    instead: 'table.versions[event.type]! > event.v',
    tests: ['log/upcast.test.ts'],
  },
  {
    name: 'a database that was taken away is not noticed',
    file: 'log/sqlite/sqlite-guard.ts',
    there: 'if (writes) this.#checkPlace();',
    instead: '',
    tests: ['log/sqlite/file-place.test.ts'],
  },
  {
    name: 'a write-ahead log that somebody wrote comes into the database at the end',
    file: 'log/sqlite/sqlite-guard.ts',
    there: 'this.#owned?.lock.freeze();',
    instead: '{}',
    tests: ['log/sqlite/file-place.test.ts'],
  },
  {
    name: 'the digest of a row leaves out its last column',
    file: 'log/row-digest.ts',
    there: 'columns.map(',
    instead: 'columns.slice(0, -1).map(',
    tests: ['log/sqlite/kept.test.ts'],
  },
  {
    name: 'verifying a fork walks all its ancestors',
    file: 'log/shared-past.ts',
    there: 'fork !== null && fork.number >= first; )',
    instead: 'fork !== null; )',
    tests: ['log/sqlite/fork-depth.test.ts'],
  },
  // engine
  {
    name: 'a machine whose row says so is unfinished, whatever the log says',
    file: 'engine/replay/rerun-plan.ts',
    there: 'if (head.number >= last) return false;',
    instead: '',
    tests: ['engine/replay/rerun.test.ts'],
  },
  {
    name: 'commands run while the log takes nothing',
    file: 'engine/machine/engine.ts',
    there: 'if (this.log.failure() !== null) await this.log.checkWritable();',
    instead: '',
    tests: ['engine/machine/commit.test.ts'],
  },
  {
    name: 'a follower skips one operation at the edge of what memory keeps',
    file: 'engine/follow/follow.ts',
    there: 'kept!.slice(from - first, from - first + most)',
    instead: 'kept!.slice(from - first || 1, (from - first || 1) + most)',
    tests: ['engine/follow/follow.test.ts'],
  },
  {
    name: 'a lost wake-up: news between the look and the wait do not count',
    file: 'engine/follow/follow.ts',
    there: 'if (isNews || this.hasCome(machine, topic)) return',
    instead: 'if (isNews) return',
    tests: ['engine/follow/waiting.test.ts'],
  },
  {
    name: 'an iterator that is ended stays open',
    file: 'engine/follow/pull.ts',
    there: 'async return() {\n      closer.close();',
    instead: 'async return() {',
    tests: ['engine/handler/fault-handler.test.ts'],
  },
  {
    name: 'answers leave before their commit',
    file: 'engine/machine/commits.ts',
    there: 'await this.#log.append(entries);',
    instead: 'void this.#log.append(entries).catch(() => {});',
    tests: ['engine/machine/commit.test.ts'],
  },
  {
    name: 'after a failed commit memory keeps what never happened',
    file: 'engine/machine/commits.ts',
    there: 'this.#failing.failed(machines, error);',
    instead: '',
    tests: ['engine/machine/commit.test.ts'],
  },
  {
    name: 'a command runs while a state is looked at',
    file: 'engine/machine/looks.ts',
    there: 'return this.open.size === 0 ? run()',
    instead: 'return this.open.size >= 0 ? run()',
    tests: ['graphql/machine/one-moment.test.ts'],
  },
  {
    name: 'commands wait without a bound',
    file: 'engine/machine/engine.ts',
    there: 'if (this.commits.waiting >= COMMANDS_WAITING_MAX) throw',
    instead: 'if (this.commits.waiting < 0) throw',
    tests: ['engine/machine/commit.test.ts'],
  },
  {
    name: 'the groups of a handler that leaves are not given back',
    file: 'engine/handler/fault-handler.ts',
    there: 'this.left.add(iopfGroupId);',
    instead: '',
    tests: ['engine/handler/fault-handler.test.ts', 'server/websocket.test.ts'],
  },
  {
    name: 'a handler gets one group too many',
    file: 'engine/handler/fault-handler.ts',
    there: 'this.inFlight.size >= this.maxInFlight',
    instead: 'this.inFlight.size > this.maxInFlight',
    tests: ['e2e/handler.test.ts'],
  },
  {
    name: 'the past is one event short',
    file: 'engine/past/history.ts',
    there: 'evolve(state, event);\n          if (state.seq === at) return state;',
    instead: 'if (state.seq === at - 1) return state;\n          evolve(state, event);',
    tests: ['engine/past/history.test.ts'],
  },
  // graphql
  {
    name: 'a last page says that there is another',
    file: 'graphql/builder/forward-page.ts',
    there: 'hasNextPage: found.length >= limit',
    instead: 'hasNextPage: found.length >= limit - 1',
    tests: ['graphql/builder/connections.test.ts'],
  },
  {
    name: 'a page takes one entry more than the bound',
    file: 'graphql/builder/lists.ts',
    there: 'count > LIST_MAX',
    instead: 'count > LIST_MAX + 1',
    tests: ['graphql/builder/bad-input.test.ts', 'graphql/builder/connections.test.ts'],
  },
  {
    name: 'a view of now shows what is not committed',
    file: 'graphql/builder/view.ts',
    there: '(await context.engine.seen(machineId, lookOf(context))).state',
    instead: '(await context.engine.machine(machineId)).state',
    tests: ['e2e/consistency.test.ts'],
  },
  {
    name: 'a cursor of another form is taken for the beginning',
    file: 'graphql/builder/lists.ts',
    there: 'if (!/^\\d{1,15}$/.test(cursor)) {',
    instead: 'if (!/^\\d{1,15}$/.test(cursor)) {\n    return null;',
    tests: ['graphql/builder/bad-input.test.ts', 'graphql/builder/connections.test.ts'],
  },
  // server
  {
    name: 'what one connection holds has no bound',
    file: 'server/held/ledger.ts',
    there: "if (account.bytes > this.limits.connection) account.end('CONNECTION');",
    instead: '',
    tests: ['server/held.test.ts'],
  },
  {
    name: 'JSON may be as deep as it likes',
    file: 'server/request/json.ts',
    there: 'depth === JSON_DEPTH_MAX',
    instead: 'depth === Number.MAX_SAFE_INTEGER',
    tests: ['server/request.test.ts'],
  },
  {
    name: 'two Host headers pass',
    file: 'server/security.ts',
    there: "(request.headersDistinct['host']?.length ?? 0) > 1",
    instead: "(request.headersDistinct['host']?.length ?? 0) > 2",
    tests: ['server/sockets.test.ts'],
  },
  // modelled hardware
  {
    name: 'a hit is never compared with a walk again',
    file: 'core/hardware/dma/compared.ts',
    there: 'compared.wordChanges === tables.words.changes &&',
    instead: '',
    tests: ['core/hardware/dma/compared.test.ts'],
  },
  {
    name: 'an entry that was read from bytes is known to be the same for ever',
    file: 'core/hardware/dma/compared.ts',
    there: 'if (read.some(({ userVa }) => words.at(userVa) === null)) return;',
    instead: '',
    tests: ['core/hardware/dma/compared.test.ts'],
  },
  {
    name: 'the life of a DMA has the groups of others under its index',
    file: 'core/hardware/dma/track.ts',
    there: "if (event.type === 'PrgResponseReceived') this.open.delete(event.grpid);",
    instead: '',
    tests: ['core/hardware/dma/track.test.ts'],
  },
  {
    name: 'memory that is mapped anew behind a lost invalidation is not told',
    file: 'core/iommufd/ioas/io-pagetable.ts',
    there: 'noteIoasMapped(x, context, ioas, iova, length);',
    instead: '',
    tests: ['core/hardware/dma/faults.test.ts'],
  },
  {
    name: 'a function has one PASID more than its width',
    file: 'core/hardware/function/named.ts',
    there: 'pasid < 2 ** width',
    instead: 'pasid <= 2 ** width',
    tests: ['core/hardware/refusals.test.ts'],
  },
  {
    name: 'ticks come whether anything waits or not',
    file: 'server/ticker.ts',
    there: '(waitsForTime(state) ? command : null)',
    instead: 'command',
    tests: ['e2e/tick.test.ts'],
  },
];
