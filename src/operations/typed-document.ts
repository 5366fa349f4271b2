/** What a generated document is: the text of an operation that knows its variables and its answer. */

/** A number of 64 bits: "0x" and 1 to 16 hex digits. */
export type Hex = `0x${string}`;

/** Any value of the scalar JSON. 64-bit numbers in it are hex strings. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: JsonValue;
}

declare const OPERATION: unique symbol;

/** The operation's text, as it is sent. Only the compiler sees the types. */
export type TypedDocument<Answer, Variables> = string & {
  readonly [OPERATION]: (variables: Variables) => Answer;
};

/** What a function that sends a document takes: variables, unless all of them may be left out. */
export type VariablesOf<Variables> =
  Record<never, never> extends Variables ? [variables?: Variables] : [variables: Variables];

/** The tag of the generated documents: the text with that of its fragments. */
export function gql(parts: TemplateStringsArray, ...fragments: readonly string[]): string {
  return parts.reduce((before, part, index) => before + fragments[index - 1]! + part);
}
