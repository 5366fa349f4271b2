/**
 * `npm run codegen`: every GraphQL operation that the project sends becomes a document typed in its
 * variables and its answer. Written are the operations (schema/operations), checked against the
 * schema (schema/schema.graphql); made is one file (src/operations/operations.ts), which is
 * committed: running Faultline needs no generator.
 */
import type { CodegenConfig } from '@graphql-codegen/cli';

const HEX = './typed-document.ts#Hex';

/** What each scalar of the schema is in JSON. One that is missing here is an error. */
const SCALARS = {
  BookmarkName: 'string',
  ByteCount: 'number',
  DateTime: 'string',
  HexU64: HEX,
  ID: 'string',
  JSON: './typed-document.ts#JsonValue',
  MachineId: 'string',
  PageAddress: HEX,
  Pasid: 'number',
  PciAddress: 'string',
  PrgIndex: 'number',
  U32: 'number',
};

const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: 'schema/operations/**/*.graphql',
  generates: {
    'src/operations/operations.ts': {
      plugins: [
        { add: { content: '/** Generated from schema/operations by `npm run codegen`. */' } },
        'typescript-operations',
        'typed-document-node',
      ],
      config: {
        // A tag of our own in place of graphql-tag's: documents stay plain strings, which is what is
        // sent; the mode `string` would make objects of a class.
        documentMode: 'graphQLTag',
        gqlImport: './typed-document.ts#gql',
        documentNodeImport: './typed-document.ts#TypedDocument',
        importExtension: '.ts',
        useTypeImports: true,
        scalars: SCALARS,
        strictScalars: true,
        immutableTypes: true,
        // Only what an operation selects is in its answer.
        skipTypename: true,
        arrayInputCoercion: false,
        inlineFragmentTypes: 'combine',
      },
    },
  },
};

export default config;
