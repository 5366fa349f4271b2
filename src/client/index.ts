/** `faultline/client`: what the author of a fault handler imports, in Node and in browsers. */
export type { IommuPgfaultFlag, IommuPgfaultPerm } from '../operations/operations.ts';
export type { Hex } from '../operations/typed-document.ts';
export {
  type ConnectionOptions,
  ConnectionRefused,
  type GraphqlErrorShape,
  GraphqlErrors,
} from './connection.ts';
export {
  type AddressForm,
  type FaultAnswer,
  type FaultGroup,
  type FaultHandler,
  type FaultMessage,
  type GroupContext,
  type HandleFaultsOptions,
  type HandleGroup,
  type HandlerNotice,
  handleFaults,
} from './handle-faults.ts';
export { GroupGone } from './held-groups.ts';
