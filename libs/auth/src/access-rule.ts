import { Role } from '@chain-processor/proto/identity';
import type { Principal } from './principal.js';

/** Who may call a method. */
export type AccessRule =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'roles'; readonly roles: ReadonlySet<Role> };

/** Anybody, with or without a token. */
export const anonymous: AccessRule = { kind: 'anonymous' };

/** Anybody with a valid token, whatever the roles. */
export const authenticated: AccessRule = { kind: 'authenticated' };

/** Whoever may look: every role. */
export const readers: AccessRule = { kind: 'roles', roles: new Set([Role.VIEWER, Role.EDITOR, Role.ADMIN]) };

/** Whoever may create, change and run. */
export const editors: AccessRule = { kind: 'roles', roles: new Set([Role.EDITOR, Role.ADMIN]) };

/** Administrators. */
export const admins: AccessRule = { kind: 'roles', roles: new Set([Role.ADMIN]) };

/** Whether `principal` satisfies `rule`. A superuser satisfies every rule. */
export function isAllowed(rule: AccessRule, principal: Principal | undefined): boolean {
  if (rule.kind === 'anonymous') return true;
  if (principal === undefined) return false;
  if (rule.kind === 'authenticated' || principal.isSuperuser) return true;
  return [...principal.roles].some((role) => rule.roles.has(role));
}
