/**
 * What one client may ask of the server. Each bound ends in an error that names it, never in a slow
 * death. The defaults are generous to a person and to a scenario, and small to a flood.
 *
 * What they come to together is in docs/ARCHITECTURE.md, "Bounds", and in
 * test/server/limits.test.ts, for a heap of 512 MB.
 */

/** Bytes of one HTTP request body and of one WebSocket message; more is 413, or close code 1009. */
export const MESSAGE_BYTES_MAX = 1_000_000;
/** Bytes of the headers of one request, its address with them; more is 431. */
export const HEADER_BYTES_MAX = 16_384;
/** Objects and lists inside each other in `variables`, `extensions` and a message's other JSON. */
export const JSON_DEPTH_MAX = 64;
/** Values in one message's JSON. */
export const JSON_VALUES_MAX = 60_000;
/** Objects among them: a machine of 256 devices with 30 reserved regions each has 7,937. */
export const JSON_OBJECTS_MAX = 8_000;
/** Characters of an error's message; a longer one loses its middle. */
export const ERROR_CHARACTERS_MAX = 1_000;
/** Characters of an operation's id on a WebSocket; more closes the socket. */
export const OPERATION_ID_CHARACTERS_MAX = 128;

/** Tokens of one GraphQL document; the parser stops there. */
export const DOCUMENT_TOKENS_MAX = 15_000;
/** Comments of one GraphQL document; each is kept with it. */
export const DOCUMENT_COMMENTS_MAX = 1_000;
/** Fields under fields in one document. Introspection as GraphiQL asks for it needs 15. */
export const DOCUMENT_DEPTH_MAX = 25;
/** Fields of one document, aliases counted each and fragments at every place they are spread. */
export const DOCUMENT_FIELDS_MAX = 5_000;
/** Fields at the root of one operation, aliases counted each: each is an operation of its own. */
export const DOCUMENT_ROOT_FIELDS_MAX = 256;
/** Fragments of one document; validation compares each with each. */
export const DOCUMENT_FRAGMENTS_MAX = 64;
/** Pairs of fields that have one name in one place; validation compares each with each. */
export const DOCUMENT_PAIRS_MAX = 2_000;
/** Fields of one object written in a document; an error about any of them prints all. */
export const DOCUMENT_OBJECT_FIELDS_MAX = 32;
/** Characters of a name in a document: aliases come back with every item of a list. */
export const DOCUMENT_NAME_CHARACTERS_MAX = 256;
/** Bytes of all documents kept parsed and validated; the ones unused for longest leave. */
export const DOCUMENT_CACHE_BYTES_MAX = 16_000_000;

/** TCP connections at one time; one more is closed as it is accepted. */
export const CONNECTIONS_MAX = 4_096;
/** WebSockets at one time; one more gets 503. Lower than all connections, so that HTTP stays open. */
export const WEBSOCKETS_MAX = 2_048;
/** Operations under way on one WebSocket; one more gets a GraphQL error. */
export const OPERATIONS_PER_SOCKET_MAX = 256;
/** Fragments of one WebSocket message; more closes the socket. */
export const MESSAGE_FRAGMENTS_MAX = 1_024;

/**
 * Bytes that the server holds for one connection: half-sent requests, operations under way with
 * their documents and variables, answers that were not read yet. More ends the connection: 413, or
 * close code 4413.
 */
export const SOCKET_BYTES_MAX = 48_000_000;
/** The same for all connections of one address; more ends the one that holds most: 429, 1013. */
export const ADDRESS_BYTES_MAX = 128_000_000;
/** The same for all; more ends the largest connection of the largest address: 503, 1013. */
export const HELD_BYTES_MAX = 192_000_000;

/** What a connection counts for by itself: its buffers, and a request's headers. */
export const CONNECTION_BYTES = 16_384 + HEADER_BYTES_MAX;
/** What an operation counts for beside its text: a silent subscription takes some 20 KB. */
export const OPERATION_BYTES = 32_768;
/** What a value in JSON counts for beside its characters, once it is parsed. */
export const JSON_VALUE_BYTES = 64;
/** What a token counts for beside its characters, once a document is parsed. */
export const DOCUMENT_TOKEN_BYTES = 400;

/** Milliseconds from the opening of a WebSocket to its `connection_init`. */
export const CONNECTION_INIT_TIMEOUT_MS = 5_000;
/** Milliseconds between two pings to a WebSocket client, and to wait for its pong. */
export const KEEP_ALIVE_MS = 15_000;
/** Milliseconds a WebSocket client has to answer a close before its connection is cut. */
export const CLOSE_TIMEOUT_MS = 2_000;
/** Milliseconds a client has to send its request's headers. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** Milliseconds a client has to send its whole request. Answers and streams may last longer. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Milliseconds between two looks at these two timeouts, which are late by as much. */
export const TIMEOUT_CHECK_MS = 500;
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

/** Milliseconds of a tick of modelled hardware, at least: each tick that counts is an operation. */
export const TICK_MS_MIN = 10;
/** Milliseconds of a tick, at most: an hour. */
export const TICK_MS_MAX = 3_600_000;

/** How long an answer that cannot become another may be kept by its client: a year, in seconds. */
export const IMMUTABLE_SECONDS = 31_536_000;
/** Answers of fewer bytes are sent as they are: compressed they would hardly be shorter. */
export const COMPRESSED_BYTES_MIN = 1_024;
