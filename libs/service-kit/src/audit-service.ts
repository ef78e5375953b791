import { admins } from '@chain-processor/auth';
import { AuditServiceDefinition } from '@chain-processor/proto/audit';
import { registerService, unimplemented, type ServiceRegistration } from './service-registration.js';

/** AuditService, which every service serves for what changed in it. This release keeps no audit log, and says so. */
export function auditService(): ServiceRegistration {
  return registerService({
    definition: AuditServiceDefinition,
    policies: { listAuditEntries: { access: admins } },
    handlers: unimplemented(AuditServiceDefinition, ['listAuditEntries']),
  });
}
