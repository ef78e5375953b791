export {
  admins,
  anonymous,
  authenticated,
  editors,
  isAllowed,
  readers,
  type AccessRule,
} from './access-rule.js';
export {
  PermissionDeniedError,
  TokenExpiredError,
  TokenInvalidError,
  TokenMalformedError,
  TokenMissingError,
} from './auth-errors.js';
export {
  createAuthMiddleware,
  requirePrincipal,
  type AuthContext,
  type AuthMiddlewareOptions,
} from './auth-middleware.js';
export { connectIdentityKeys, type IdentityKeys, type IdentityKeysOptions } from './identity-keys.js';
export { createJwksCache, type JwksCacheOptions } from './jwks-cache.js';
export { mayChange, type Principal } from './principal.js';
export {
  ACCESS_TOKEN_ALGORITHM,
  ACCESS_TOKEN_TYPE,
  createTokenVerifier,
  type TokenVerifier,
  type TokenVerifierOptions,
} from './token-verifier.js';
