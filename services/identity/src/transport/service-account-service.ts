import { admins } from '@chain-processor/auth';
import { ServiceAccountServiceDefinition } from '@chain-processor/proto/identity';
import {
  registerService,
  unimplemented,
  type MethodPolicies,
  type ServiceRegistration,
} from '@chain-processor/service-kit';

const policies: MethodPolicies<ServiceAccountServiceDefinition> = {
  createServiceAccount: { access: admins },
  getServiceAccount: { access: admins },
  listServiceAccounts: { access: admins },
  rotateServiceAccountSecret: { access: admins },
  revokeServiceAccount: { access: admins },
};

/** The contract and its access rules stand; the methods come in a later release. */
export function serviceAccountService(): ServiceRegistration {
  return registerService({
    definition: ServiceAccountServiceDefinition,
    policies,
    handlers: unimplemented(ServiceAccountServiceDefinition, [
      'createServiceAccount',
      'getServiceAccount',
      'listServiceAccounts',
      'rotateServiceAccountSecret',
      'revokeServiceAccount',
    ]),
  });
}
