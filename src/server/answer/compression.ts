/** Answers are compressed for who takes it, where that makes them shorter. */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'graphql-yoga';
import { COMPRESSED_BYTES_MIN } from '../limits.ts';
import { weightsOf } from '../request/weights.ts';

/** Both work outside the event loop. Brotli at its quick level is as quick as gzip, and shorter. */
const ENCODERS = {
  br: (text: string) =>
    promisify(brotliCompress)(text, {
      params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
    }),
  gzip: (text: string) => promisify(gzip)(text, { level: GZIP_LEVEL }),
} as const;

const BROTLI_QUALITY = 4;
const GZIP_LEVEL = 5;

type Encoding = keyof typeof ENCODERS;

/** What the client takes of ours, by its own order of preference and then ours. */
function encodingOf(header: string | null): Encoding | null {
  const best = weightsOf(header)
    .filter(({ name, weight }) => Object.hasOwn(ENCODERS, name) && weight > 0)
    .toSorted((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))[0];
  return (best?.name as Encoding | undefined) ?? null;
}

export function useCompression(): Plugin {
  return {
    async onResponse({ request, response, setResponse, fetchAPI }) {
      const type = response.headers.get('content-type') ?? '';
      if (!type.includes('json') || response.status === 304) return;
      const encoding = encodingOf(request.headers.get('accept-encoding'));
      if (encoding === null) return;
      const { status } = response;
      const headers = Object.fromEntries(response.headers);
      if (Number(headers['content-length'] ?? COMPRESSED_BYTES_MIN) < COMPRESSED_BYTES_MIN) return;
      const bytes = await ENCODERS[encoding](await response.text());
      const described = {
        ...headers,
        'content-encoding': encoding,
        'content-length': String(bytes.length),
        vary: 'accept, accept-encoding',
      };
      setResponse(new fetchAPI.Response(new Uint8Array(bytes), { status, headers: described }));
    },
  };
}
