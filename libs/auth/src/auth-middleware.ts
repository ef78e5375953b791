import type { CallContext, ServerMiddleware } from 'nice-grpc-common';
import { isAllowed, type AccessRule } from './access-rule.js';
import { PermissionDeniedError, TokenMalformedError, TokenMissingError } from './auth-errors.js';
import type { Principal } from './principal.js';
import type { TokenVerifier } from './token-verifier.js';

/** What the auth middleware adds to a call's context. */
export interface AuthContext {
  /** Absent only on methods whose rule is `anonymous`. */
  readonly principal?: Principal;
}

export interface AuthMiddlewareOptions {
  readonly verifier: TokenVerifier;
  /** The rule of a method path such as `/chainprocessor.catalog.v1.NodeService/GetNode`. Undefined means nobody. */
  readonly ruleFor: (methodPath: string) => AccessRule | undefined;
  /** Told who makes the call, for the log line. */
  readonly onPrincipal?: (context: CallContext, principal: Principal) => void;
}

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i;

/** Denies by default: a method without a rule answers PERMISSION_DENIED, whoever asks. */
export function createAuthMiddleware({
  verifier,
  ruleFor,
  onPrincipal,
}: AuthMiddlewareOptions): ServerMiddleware<AuthContext> {
  return async function* authMiddleware(call, context) {
    const rule = ruleFor(call.method.path);
    if (rule === undefined)
      throw new PermissionDeniedError(call.method.path, 'an access rule, and it has none');
    if (rule.kind === 'anonymous') return yield* call.next(call.request, context);

    const principal = await verifier.verify(bearerToken(context));
    onPrincipal?.(context, principal);
    if (!isAllowed(rule, principal)) throw new PermissionDeniedError(call.method.path, describeNeed(rule));
    return yield* call.next(call.request, { ...context, principal });
  };
}

/** The principal of a call whose rule is not `anonymous`. */
export function requirePrincipal(context: AuthContext): Principal {
  if (context.principal === undefined) throw new TokenMissingError();
  return context.principal;
}

function bearerToken(context: CallContext): string {
  const header = context.metadata.get('authorization');
  if (header === undefined) throw new TokenMissingError();
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new TokenMalformedError();
  return token;
}

function describeNeed(rule: AccessRule): string {
  return rule.kind === 'roles'
    ? `one of the roles ${[...rule.roles].map((role) => role.replace(/^ROLE_/, '').toLowerCase()).join(', ')}`
    : 'a valid access token';
}
