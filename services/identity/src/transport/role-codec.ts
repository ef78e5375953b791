import { Role } from '@chain-processor/proto/identity';
import type { RoleName } from '../domain/user.js';

const roleOf: Readonly<Record<RoleName, Role>> = {
  admin: Role.ADMIN,
  editor: Role.EDITOR,
  viewer: Role.VIEWER,
};

const nameOf = new Map<Role, RoleName>([
  [Role.ADMIN, 'admin'],
  [Role.EDITOR, 'editor'],
  [Role.VIEWER, 'viewer'],
]);

export function toProtoRole(name: RoleName): Role {
  return roleOf[name];
}

/** Undefined for ROLE_UNSPECIFIED and for values that this release does not know. */
export function roleNameOf(role: Role): RoleName | undefined {
  return nameOf.get(role);
}
