import { relative } from 'node:path';
import { stackFileIn, type StackDescription } from './stack-file.js';

/** What to type to call the system that is up. */
export function callingGuide(stack: StackDescription, directory: string): string[] {
  const { identity, catalog, execution } = stack.services;
  const file = relative(process.cwd(), stackFileIn(directory));
  return [
    '',
    'The system is up:',
    `  gRPC       identity ${identity.endpoint}, catalog ${catalog.endpoint}, execution ${execution.endpoint}`,
    `  NATS       nats://${stack.nats.host}:${stack.nats.port}`,
    `  PostgreSQL ${stack.postgres.host}:${stack.postgres.port}`,
    `  Passwords and connection URLs are in ${file}`,
    '',
    'To call it:',
    `  TOKEN=$(jq -c .admin ${file} | grpcurl -plaintext -d @ ${identity.endpoint} \\`,
    '    chainprocessor.identity.v1.AuthService/Login | jq -r .accessToken)',
    `  grpcurl -plaintext -H "authorization: Bearer $TOKEN" -d '{}' ${catalog.endpoint} \\`,
    '    chainprocessor.catalog.v1.StrategyService/ListStrategies',
    `  npm run demo -- "any text"`,
  ];
}
