/**
 * `npm run codegen`: every GraphQL operation that the project sends becomes a document typed in its
 * variables and its answer. Written are the operations (schema/operations, and the page's in
 * web/operations: what opening it needs, what comes later, what the hardware's views ask), checked
 * against the schema (schema/schema.graphql); made is one file for each folder
 * (src/operations/operations.ts, web/src/documents.ts, later-documents.ts, hardware-documents.ts),
 * which is committed: running Faultline needs no generator.
 */
import type { CodegenConfig } from '@graphql-codegen/cli';

/** What each scalar of the schema is in JSON. One that is missing here is an error. */
function scalars(typedDocument: string) {
  const hex = `${typedDocument}#Hex`;
  return {
    BookmarkName: 'string',
    ByteCount: 'number',
    DateTime: 'string',
    HexU64: hex,
    ID: 'string',
    JSON: `${typedDocument}#JsonValue`,
    MachineId: 'string',
    PageAddress: hex,
    Pasid: 'number',
    PciAddress: 'string',
    PrgIndex: 'number',
    U32: 'number',
  };
}

/** One file, made of the operations in `folder`; `typedDocument` is how it names typed-document.ts. */
function made(folder: string, typedDocument: string) {
  return {
    documents: `${folder}/**/*.graphql`,
    plugins: [
      { add: { content: `/** Generated from ${folder} by \`npm run codegen\`. */` } },
      'typescript-operations',
      'typed-document-node',
    ],
    config: {
      // A tag of our own in place of graphql-tag's: documents stay plain strings, which is what is
      // sent; the mode `string` would make objects of a class.
      documentMode: 'graphQLTag',
      gqlImport: `${typedDocument}#gql`,
      documentNodeImport: `${typedDocument}#TypedDocument`,
      importExtension: '.ts',
      useTypeImports: true,
      scalars: scalars(typedDocument),
      strictScalars: true,
      immutableTypes: true,
      // Only what an operation selects is in its answer.
      skipTypename: true,
      arrayInputCoercion: false,
      inlineFragmentTypes: 'combine',
    },
  };
}

const PAGE_DOCUMENT = '../../src/operations/typed-document.ts';

const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  generates: {
    'src/operations/operations.ts': made('schema/operations', './typed-document.ts'),
    'web/src/documents.ts': made('web/operations/opening', PAGE_DOCUMENT),
    'web/src/later-documents.ts': made('web/operations/later', PAGE_DOCUMENT),
    'web/src/hardware-documents.ts': made('web/operations/hardware', PAGE_DOCUMENT),
  },
};

export default config;
