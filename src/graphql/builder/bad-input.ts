/** A malformed request: the error names the argument and says what it may be. */
import { GraphQLError } from 'graphql';

const SHOWN_CHARACTERS_MAX = 40;

export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** A value as an error shows it: whatever its length, not more than a line. */
export function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
