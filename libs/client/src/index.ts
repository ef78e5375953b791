export { Status } from 'nice-grpc-common';
export {
  connect,
  type ChainProcessorClient,
  type ConnectOptions,
  type Credentials,
  type StartInput,
  type StartOptions,
} from './connect.js';
export { RpcError, type KnownReason, type RpcErrorOptions } from './rpc-error.js';
export type { TimeoutOptions } from './deadline-middleware.js';
export type { ServiceClient } from './service-clients.js';
export type { WatchOptions } from './watch-execution.js';
