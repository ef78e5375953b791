export { auditService } from './audit-service.js';
export { CloserStack } from './closer-stack.js';
export { flag, grpcTarget, integer, milliseconds, port, postgresUrl, secret } from './config-fields.js';
export { checkRequest, decodeRequest, type CheckedRequest } from './decode-request.js';
export { LIVENESS_SERVICE, type ReadinessCheck } from './health.js';
export { isDoneWithin } from './is-done-within.js';
export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export { decodePageToken, encodePageToken, pageSize } from './page.js';
export { ConfigError, readConfig } from './read-config.js';
export { jsonObject, requestId, resourceId, text } from './request-fields.js';
export type { RequestContext, RequestContextExtension } from './request-context.js';
export { runMain, type RunMainOptions } from './run-main.js';
export { Secret } from './secret.js';
export { serverConfigShape, type ServerConfig } from './server-config.js';
export {
  registerService,
  unimplemented,
  type Handlers,
  type MethodPolicies,
  type MethodPolicy,
  type ServiceRegistration,
} from './service-registration.js';
export {
  startService,
  type RunningService,
  type ServiceParts,
  type StartServiceOptions,
} from './start-service.js';
