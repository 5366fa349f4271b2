/**
 * What the server holds for its clients, in bytes: half-sent requests, operations under way, answers
 * that nobody read yet. It is bounded for each connection, for each address and for all; whoever
 * takes it beyond a bound is ended. The numbers are estimates from above, see src/server/limits.ts.
 */
import { ADDRESS_BYTES_MAX, HELD_BYTES_MAX, SOCKET_BYTES_MAX } from '../limits.ts';

/** Whose bound was met. */
export type Scope = 'CONNECTION' | 'ADDRESS' | 'SERVER';

export interface LedgerLimits {
  readonly connection: number;
  readonly address: number;
  readonly server: number;
}

const LIMITS: LedgerLimits = {
  connection: SOCKET_BYTES_MAX,
  address: ADDRESS_BYTES_MAX,
  server: HELD_BYTES_MAX,
};

/** What the client is told, with the bound. */
export function heldMessage(scope: Scope, limits: LedgerLimits = LIMITS): string {
  switch (scope) {
    case 'CONNECTION':
      return `One connection may hold ${limits.connection} bytes here, this one needs more.`;
    case 'ADDRESS':
      return `Connections of one address may hold ${limits.address} bytes here.`;
    case 'SERVER':
      return `The server holds ${limits.server} bytes for its clients and takes no more now.`;
  }
}

interface Address {
  readonly accounts: Set<Account>;
  bytes: number;
}

export class Ledger {
  readonly limits: LedgerLimits;
  private readonly addresses = new Map<string, Address>();
  private bytes = 0;

  constructor(limits: LedgerLimits = LIMITS) {
    this.limits = limits;
  }

  /** Bytes held for all. */
  get held(): number {
    return this.bytes;
  }

  /** For one connection; `end` cuts it when it holds too much. */
  open(address: string, end: (scope: Scope) => void): Account {
    const of = this.addresses.get(address) ?? { accounts: new Set(), bytes: 0 };
    this.addresses.set(address, of);
    const account = new Account(this, address, end);
    of.accounts.add(account);
    return account;
  }

  /** Takes a change of an account over, and ends whoever holds too much by it. */
  add(account: Account, bytes: number): void {
    const address = this.addresses.get(account.address)!;
    address.bytes += bytes;
    this.bytes += bytes;
    if (bytes <= 0) return;
    if (account.bytes > this.limits.connection) account.end('CONNECTION');
    while (address.bytes > this.limits.address) largest(address.accounts).end('ADDRESS');
    while (this.bytes > this.limits.server) {
      largest(largest(this.addresses.values()).accounts).end('SERVER');
    }
  }

  /** The account has nothing any more. */
  remove(account: Account): void {
    const address = this.addresses.get(account.address);
    if (address === undefined || !address.accounts.delete(account)) return;
    if (address.accounts.size === 0) this.addresses.delete(account.address);
  }
}

function largest<T extends { readonly bytes: number }>(all: Iterable<T>): T {
  let found: T | null = null;
  for (const one of all) if (found === null || one.bytes > found.bytes) found = one;
  return found!;
}

/** What is held for one connection. */
export class Account {
  readonly address: string;
  private readonly ledger: Ledger;
  private readonly onEnd: (scope: Scope) => void;
  private sum = 0;
  private isOpen = true;

  constructor(ledger: Ledger, address: string, onEnd: (scope: Scope) => void) {
    this.ledger = ledger;
    this.address = address;
    this.onEnd = onEnd;
  }

  get bytes(): number {
    return this.sum;
  }

  /** What one request or one operation of it holds. */
  begin(): Holding {
    return new Holding(this);
  }

  /** Returns false if the connection is ended by it, or was before. */
  change(bytes: number): boolean {
    if (!this.isOpen) return false;
    this.sum += bytes;
    this.ledger.add(this, bytes);
    return this.isOpen;
  }

  /** The connection is gone. */
  close(): void {
    if (!this.isOpen) return;
    this.change(-this.sum);
    this.isOpen = false;
    this.ledger.remove(this);
  }

  end(scope: Scope): void {
    this.close();
    this.onEnd(scope);
  }
}

/** What one request or one operation holds, from its beginning to its end. */
export class Holding {
  private readonly account: Account;
  private bytes = 0;

  constructor(account: Account) {
    this.account = account;
  }

  /** Returns false if the connection is ended by it, or was before. */
  add(bytes: number): boolean {
    this.bytes += bytes;
    return this.account.change(bytes);
  }

  /** Holds so many bytes from now on. Returns as `add`. */
  set(bytes: number): boolean {
    return this.add(bytes - this.bytes);
  }

  end(): void {
    this.set(0);
  }
}
