import {
  PermissionDeniedError,
  admins,
  authenticated,
  isAllowed,
  requirePrincipal,
} from '@chain-processor/auth';
import { UserServiceDefinition } from '@chain-processor/proto/identity';
import {
  registerService,
  unimplemented,
  type MethodPolicies,
  type ServiceRegistration,
} from '@chain-processor/service-kit';
import { UserNotFoundError } from '../domain/errors.js';
import type { User } from '../domain/user.js';
import { createUser, type CreateUserDependencies } from '../usecases/create-user.js';
import { decodeCreateUser, decodeUserId, toProtoProfile, toProtoUser } from './user-codec.js';

/** Where the rule is `authenticated`, callers reach their own account and admins any; the handler tells which it is. */
const policies: MethodPolicies<UserServiceDefinition> = {
  createUser: { access: admins },
  getUser: { access: authenticated },
  getMe: { access: authenticated },
  listUsers: { access: admins },
  updateUser: { access: authenticated },
  changePassword: { access: authenticated },
  setRoles: { access: admins },
  deactivateUser: { access: admins },
  reactivateUser: { access: admins },
  updatePreferences: { access: authenticated },
};

export function userService(dependencies: CreateUserDependencies): ServiceRegistration {
  const { users } = dependencies;

  async function existingUser(userId: string): Promise<User> {
    const user = await users.findById(userId);
    if (user === undefined) throw new UserNotFoundError(userId);
    return user;
  }

  return registerService({
    definition: UserServiceDefinition,
    policies,
    handlers: {
      async createUser(request, context) {
        const command = decodeCreateUser(request);
        const user = await createUser(dependencies, requirePrincipal(context), command, context.signal);
        return { user: user === undefined ? toProtoProfile(command.profile) : toProtoUser(user) };
      },

      async getUser(request, context) {
        const principal = requirePrincipal(context);
        const userId = decodeUserId(request);
        if (userId !== principal.id && !isAllowed(admins, principal)) {
          throw new PermissionDeniedError('reading another user', 'the role admin');
        }
        return { user: toProtoUser(await existingUser(userId)) };
      },

      async getMe(_request, context) {
        return { user: toProtoUser(await existingUser(requirePrincipal(context).id)) };
      },

      ...unimplemented(UserServiceDefinition, [
        'listUsers',
        'updateUser',
        'changePassword',
        'setRoles',
        'deactivateUser',
        'reactivateUser',
        'updatePreferences',
      ]),
    },
  });
}
