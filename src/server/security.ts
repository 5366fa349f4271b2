import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from './config.ts';
import { MESSAGE_BYTES_MAX } from './limits.ts';

/** Why a request is not served: an HTTP status and one sentence for the client. */
export interface Refusal {
  status: number;
  message: string;
}

/** Returns a refusal, or null to let the request pass. */
export type RequestCheck = (request: IncomingMessage) => Refusal | null;

/**
 * Keeps web pages of other sites out: a browser on this machine reaches loopback too.
 *
 * - The `Host` must name this server, or else a name of the attacker's could be pointed at it (DNS
 *   rebinding). A server on a wildcard address cannot know its names; there the token, which
 *   `checkAccess` demands, keeps such a page out.
 * - An `Origin`, when there is one, must be this server's own. Browsers add it to every POST and to
 *   every WebSocket; other clients send none.
 * - Browsers leave `Origin` out of simple GETs, but say in `Sec-Fetch-Site` where those come from. A
 *   GET can open a subscription, and handling faults is a side effect. Opening the playground from a
 *   link is no harm: a navigation gets a page, never a result.
 */
export function createSiteCheck(host: string): RequestCheck {
  const anyHost = host === '0.0.0.0' || host === '::';
  return request => {
    // Node keeps the first of several; a proxy in front may have gone by another.
    if ((request.headersDistinct['host']?.length ?? 0) > 1) {
      return { status: 400, message: 'A request has one Host header, not several.' };
    }
    const own = parseHostHeader(request.headers.host);
    if (own === null) return { status: 400, message: 'The Host header is missing or malformed.' };
    if (!anyHost && own.hostname !== host && !isLoopback(own.hostname)) {
      return { status: 403, message: 'The Host header does not name this server.' };
    }
    const { origin } = request.headers;
    if (origin !== undefined && !isOwnOrigin(origin, own.host)) {
      return { status: 403, message: 'Requests of pages from another origin are refused.' };
    }
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opensPage(request)) {
      return { status: 403, message: 'Requests of pages from another site are refused.' };
    }
    return null;
  };
}

/** A navigation of a browser to a page, which answers with the playground. */
export function opensPage(request: IncomingMessage): boolean {
  return request.method === 'GET' && (request.headers.accept?.includes('text/html') ?? false);
}

/**
 * What a GraphQL request must look like. Only JSON bodies are taken: a form of a foreign page can
 * send the other content types without asking first. That, with `createSiteCheck`, is the whole
 * protection against cross-site requests; no client needs an extra header.
 */
export const checkBody: RequestCheck = request => {
  if (request.method !== 'POST') return null;
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json' && mediaType !== 'application/graphql+json') {
    return { status: 415, message: 'The Content-Type of a POST must be application/json.' };
  }
  if (Number(request.headers['content-length'] ?? 0) > MESSAGE_BYTES_MAX) {
    return { status: 413, message: `A request body has at most ${MESSAGE_BYTES_MAX} bytes.` };
  }
  return null;
};

/** Says whether an `Authorization` value is the one of this server; true for all without a token. */
export type TokenCheck = (authorization: unknown) => boolean;

/** Compares in constant time, over digests, so that neither content nor length leaks by timing. */
export function createTokenCheck(token: string | null): TokenCheck {
  if (token === null) return () => true;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return authorization => {
    const given = typeof authorization === 'string' ? /^Bearer (\S+)$/i.exec(authorization) : null;
    return given !== null && timingSafeEqual(digest(given[1]!), expected);
  };
}

/** The name and the name with port of a Host header, lower-case, or null if it is not one. */
function parseHostHeader(header: string | undefined): { hostname: string; host: string } | null {
  if (header === undefined || !/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.test(header)) {
    return null;
  }
  const url = URL.parse(`http://${header}`);
  if (url === null) return null;
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // A URL takes "127.1" and "0x7f.1" for 127.0.0.1; only what was written counts.
  if (isIP(hostname) === 4 && !header.startsWith(hostname)) return null;
  return { hostname, host: url.host };
}

/** An Origin of plain HTTP, or of HTTPS where a proxy in front speaks TLS. */
function isOwnOrigin(origin: string, host: string): boolean {
  const url = URL.parse(origin);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return url.host === host || (url.port === '' && `${url.host}:443` === host);
}
