import { Role } from '@chain-processor/proto/identity';

/** Who makes a call, as the access token proves it. */
export interface Principal {
  /** The user's id. */
  readonly id: string;
  readonly roles: ReadonlySet<Role>;
  /** A superuser passes every access rule. */
  readonly isSuperuser: boolean;
  /** `jti` of the token. */
  readonly tokenId: string;
  readonly expireTime: Date;
  /** The token as it came, to call a peer service on the same caller's behalf. Never logged. */
  readonly accessToken: string;
}

/** Whether the principal may change something that `ownerId` made: its owner, an admin or a superuser. */
export function mayChange(principal: Principal, ownerId: string | undefined): boolean {
  return principal.isSuperuser || principal.roles.has(Role.ADMIN) || principal.id === ownerId;
}
