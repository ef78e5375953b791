/** What a role is called in the database and in access tokens. */
export const roleNames = ['admin', 'editor', 'viewer'] as const;
export type RoleName = (typeof roleNames)[number];

/** Settings that clients keep for a user: JSON, to which no service gives a meaning. */
export type Preferences = Readonly<Record<string, unknown>>;

/** A person who can log in. The hash of the password is never part of it. */
export interface User {
  readonly id: string;
  /** Normalised; see {@link normalizeEmail}. */
  readonly email: string;
  readonly fullName: string;
  readonly isActive: boolean;
  /** A superuser passes every access rule. */
  readonly isSuperuser: boolean;
  readonly roles: readonly RoleName[];
  readonly preferences: Preferences;
  readonly lastLogin: Date | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** 1 at creation, one more with every change; a login is none. */
  readonly version: number;
}

/** What a person brings along at creation. */
export interface UserProfile {
  /** Normalised. */
  readonly email: string;
  readonly fullName: string;
  readonly isSuperuser: boolean;
  readonly roles: readonly RoleName[];
  readonly preferences: Preferences;
}

/** A user to be stored. */
export interface NewUser extends UserProfile {
  readonly id: string;
  readonly passwordHash: string;
  /** Undefined for the first administrator. */
  readonly createdById: string | undefined;
  /** The call that creates the user, when it may be repeated. */
  readonly request: RequestKey | undefined;
}

/** Recognises a repeated call. */
export interface RequestKey {
  /** `request_id`, chosen by the caller and unique among the caller's. */
  readonly id: string;
  /** SHA-256 of what was asked for: tells a repetition from another request with the same id. */
  readonly digest: Buffer;
}
