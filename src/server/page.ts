/** The page of web/, as it was built: one HTML file, and the files it loads. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ServedFile, sendFile, servedFile } from './answer/file.ts';

/** Where `web/build.ts` writes, from the sources and from the package alike. */
export const PAGE_FOLDER = join(import.meta.dirname, '../../web/dist');

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function assetOf(folder: string, name: string): ServedFile {
  const bytes = readFileSync(join(folder, name));
  const type = MEDIA_TYPES[extname(name)] ?? 'application/octet-stream';
  return servedFile(type, bytes, gzipSync(bytes, { level: 9 }));
}

/**
 * What the page may do: run its own files and talk to its own server, nothing else; and no text can
 * become code or markup (Trusted Types without a policy). The server's name stands in it once more,
 * because Safari long did not take 'self' for a WebSocket (w3c/webappsec-csp#7). `host` was checked
 * to be a name and a port (createSiteCheck).
 */
function contentSecurityPolicy(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Answers a request for the page or one of its files; false if it is for neither. */
export type Page = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * The page built into `folder`, read once; null if there is none. It is the same for every address
 * of the page (`/`, `/m/…`), which only its script reads. It holds no secret and needs no token.
 */
export function openPage(folder: string): Page | null {
  if (!existsSync(join(folder, 'index.html'))) return null;
  const html = assetOf(folder, 'index.html');
  const assets = new Map(
    readdirSync(join(folder, 'assets')).map(name => [
      `/assets/${name}`,
      assetOf(join(folder, 'assets'), name),
    ]),
  );
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const path = request.url?.split('?', 1)[0] ?? '';
    const asset = assets.get(path);
    if (asset !== undefined) {
      // Its name has the hash of what is in it.
      response.setHeader('cache-control', 'public, max-age=31536000, immutable');
      sendFile(request, response, asset);
      return true;
    }
    if (path !== '/' && !path.startsWith('/m/')) return false;
    response.setHeader('content-security-policy', contentSecurityPolicy(request.headers.host!));
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cache-control', 'no-cache');
    sendFile(request, response, html);
    return true;
  };
}
