import { anonymous } from '@chain-processor/auth';
import { durationFromMs } from '@chain-processor/proto/duration';
import { AuthServiceDefinition } from '@chain-processor/proto/identity';
import {
  registerService,
  unimplemented,
  type MethodPolicies,
  type ServiceRegistration,
} from '@chain-processor/service-kit';
import { JWKS_MAX_AGE_S } from '../domain/signing-key.js';
import type { SigningKeyStore } from '../store/signing-key-store.js';
import { login, type LoginDependencies } from '../usecases/login.js';
import { decodeLogin, toLoginResponse, toProtoJwk } from './auth-codec.js';

const policies: MethodPolicies<AuthServiceDefinition> = {
  login: { access: anonymous },
  refreshToken: { access: anonymous },
  logout: { access: anonymous },
  issueServiceToken: { access: anonymous },
  getJwks: { access: anonymous },
};

export interface AuthServiceDependencies extends LoginDependencies {
  readonly keys: SigningKeyStore;
}

export function authService(dependencies: AuthServiceDependencies): ServiceRegistration {
  return registerService({
    definition: AuthServiceDefinition,
    policies,
    handlers: {
      async login(request, { signal }) {
        return toLoginResponse(await login(dependencies, decodeLogin(request), signal));
      },

      async getJwks() {
        const keys = await dependencies.keys.listPublished();
        return { keys: keys.map(toProtoJwk), maxAge: durationFromMs(JWKS_MAX_AGE_S * 1_000) };
      },

      ...unimplemented(AuthServiceDefinition, ['refreshToken', 'logout', 'issueServiceToken']),
    },
  });
}
