import { z } from 'zod';
import { FieldInvalidError } from '@chain-processor/errors';
import { Role, type CreateUserRequest, type User as ProtoUser } from '@chain-processor/proto/identity';
import { checkRequest, decodeRequest, requestId, resourceId, text } from '@chain-processor/service-kit';
import { emailSchema, normalizeEmail } from '../domain/email.js';
import { PasswordTooWeakError } from '../domain/errors.js';
import { passwordFault } from '../domain/password.js';
import type { RoleName, User, UserProfile } from '../domain/user.js';
import type { CreateUserCommand } from '../usecases/create-user.js';
import { roleNameOf, toProtoRole } from './role-codec.js';
import { preferences } from './preferences-codec.js';

const roles = z.array(z.enum(Role)).transform((values, context): RoleName[] => {
  const names = values.flatMap((value, index) => {
    const name = roleNameOf(value);
    if (name === undefined)
      context.addIssue({ code: 'custom', message: 'must be a known role', path: [index] });
    return name ?? [];
  });
  if (new Set(names).size < names.length) context.addIssue('must not name a role twice');
  return names;
});

const createUserSchema = z.object({
  user: z.object(
    {
      email: emailSchema,
      fullName: text({ minLength: 1, maxLength: 255 }),
      isSuperuser: z.boolean(),
      roles,
      preferences: preferences(),
    },
    { error: 'is required' },
  ),
  password: z.string(),
  requestId: requestId(),
  validateOnly: z.boolean(),
});

const userIdSchema = z.object({ userId: resourceId() });

/** @throws FieldInvalidError with all violations, PasswordTooWeakError when the password's weakness is the only one. */
export function decodeCreateUser(request: CreateUserRequest): CreateUserCommand {
  const checked = checkRequest(createUserSchema, request);
  const fault = passwordFault(request.password, normalizeEmail(request.user?.email ?? ''));
  const weakness = fault === undefined ? [] : [{ field: 'password', description: fault }];
  if (!checked.isValid) throw new FieldInvalidError([...checked.violations, ...weakness]);
  if (fault !== undefined) throw new PasswordTooWeakError('password', fault);
  const { user: profile, ...rest } = checked.value;
  return { profile, ...rest };
}

/** @throws FieldInvalidError */
export function decodeUserId(request: { readonly userId: string }): string {
  return decodeRequest(userIdSchema, request).userId;
}

export function toProtoUser(user: User): ProtoUser {
  return {
    ...toProtoProfile(user),
    id: user.id,
    isActive: user.isActive,
    lastLoginTime: user.lastLogin,
    createTime: user.createdAt,
    updateTime: user.updatedAt,
    version: user.version,
    etag: `v${user.version}`,
  };
}

/** A user as it would be stored: the answer to a call that only validates, without id, times and version. */
export function toProtoProfile(profile: UserProfile): ProtoUser {
  return {
    id: '',
    email: profile.email,
    fullName: profile.fullName,
    isActive: true,
    isSuperuser: profile.isSuperuser,
    roles: profile.roles.map(toProtoRole),
    preferences: { ...profile.preferences },
    lastLoginTime: undefined,
    createTime: undefined,
    updateTime: undefined,
    version: 0,
    etag: '',
  };
}
