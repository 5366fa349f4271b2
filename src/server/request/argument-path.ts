/** Names the argument in errors about the literals of a document, as it is named for variables. */
import { type ASTNode, type DocumentNode, GraphQLError, Kind, visit } from 'graphql';

/** The error; one about a value inside an argument with its path in front: `"input.bdf": …`. */
export function nameArgument(document: DocumentNode, error: GraphQLError): GraphQLError {
  const place = error.nodes?.[0]?.loc?.start;
  const path = place === undefined ? '' : pathTo(document, place);
  if (path === '') return error;
  const { nodes, extensions } = error;
  return new GraphQLError(`"${path}": ${shortNumbers(error.message)}`, {
    nodes: nodes ?? null,
    extensions,
  });
}

/** The library repeats a number with all its digits, which may be as many as a request has bytes. */
function shortNumbers(message: string): string {
  return message.replace(/\d{41,}/g, digits => `${digits.slice(0, 40)}…`);
}

/** The arguments, fields and indexes of lists around a place; empty outside of any argument. */
function pathTo(document: DocumentNode, place: number): string {
  let path = '';
  const holds = (node: ASTNode) =>
    node.loc !== undefined && node.loc.start <= place && place < node.loc.end;
  visit(document, {
    enter(node) {
      if (node.kind === Kind.DOCUMENT) return undefined;
      if (!holds(node)) return false;
      if (node.kind === Kind.ARGUMENT && holds(node.value)) path = node.name.value;
      if (node.kind === Kind.OBJECT_FIELD && holds(node.value)) path += `.${node.name.value}`;
      const index = node.kind === Kind.LIST ? node.values.findIndex(holds) : -1;
      if (index !== -1) path += `[${index}]`;
      return undefined;
    },
  });
  return path;
}
