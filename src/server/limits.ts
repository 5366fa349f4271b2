/**
 * What one client may ask of the server. Each bound ends in an error that names it, never in a slow
 * death. The defaults are generous to a person and to a scenario, and small to a flood.
 */

/** Bytes of one HTTP request body and of one WebSocket message; more is 413, or close code 1009. */
export const MESSAGE_BYTES_MAX = 1_000_000;
/** Tokens of one GraphQL document; the parser stops there. */
export const DOCUMENT_TOKENS_MAX = 15_000;
/** Fields under fields in one document. Introspection as GraphiQL asks for it needs 15. */
export const DOCUMENT_DEPTH_MAX = 25;
/** Fields of one document, aliases counted each and fragments at every place they are spread. */
export const DOCUMENT_FIELDS_MAX = 5_000;
/** Fields at the root of one operation, aliases counted each: each is an operation of its own. */
export const DOCUMENT_ROOT_FIELDS_MAX = 256;
/** Characters of all documents kept parsed and validated; the ones unused for longest leave. */
export const DOCUMENT_CACHE_CHARACTERS_MAX = 500_000;

/** TCP connections at one time; one more is closed as it is accepted. */
export const CONNECTIONS_MAX = 8_192;
/** WebSockets at one time; one more gets 503. Lower than all connections, so that HTTP stays open. */
export const WEBSOCKETS_MAX = 4_096;
/** Operations under way on one WebSocket; one more gets a GraphQL error. */
export const OPERATIONS_PER_SOCKET_MAX = 256;
/** Fragments of one WebSocket message; more closes the socket. */
export const MESSAGE_FRAGMENTS_MAX = 1_024;
/** Bytes waiting for a WebSocket client that keeps asking without reading; more ends the socket. */
export const SOCKET_BUFFERED_BYTES_MAX = 16_000_000;

/** Milliseconds from the opening of a WebSocket to its `connection_init`. */
export const CONNECTION_INIT_TIMEOUT_MS = 5_000;
/** Milliseconds between two pings to a WebSocket client, and to wait for its pong. */
export const KEEP_ALIVE_MS = 15_000;
/** Milliseconds a client has to send its request's headers. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** Milliseconds a client has to send its whole request. Answers and streams may last longer. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Milliseconds an idle connection is kept for its next request. */
export const IDLE_CONNECTION_TIMEOUT_MS = 65_000;
/** Milliseconds `/ready` waits for the answer of what it asks. */
export const READINESS_TIMEOUT_MS = 2_000;
/** Milliseconds `stop()` waits for the requests under way. */
export const STOP_GRACE_MS = 4_000;
/** Milliseconds `stop()` then waits for clients to close and subscriptions to clean up. */
export const STOP_CLOSE_MS = 1_000;

/** Characters of a token, at least: a token is all that guards a server others can reach. */
export const TOKEN_LENGTH_MIN = 16;
/** Characters of a token, at most: it has to fit into a header. */
export const TOKEN_LENGTH_MAX = 1_024;
