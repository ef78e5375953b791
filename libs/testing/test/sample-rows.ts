import type { ServiceWithDatabase } from '../src/test-database.js';

/** At least one row for each table of a service, in an order that foreign keys allow. */
export const SAMPLE_ROWS: Readonly<Record<ServiceWithDatabase, readonly string[]>> = {
  identity: [
    `insert into users (id, email, password_hash, full_name, roles, created_by_id, request_id, request_digest)
     values (gen_random_uuid(), 'ada@example.com', '$argon2id$', 'Ada', '{editor,viewer}', gen_random_uuid(),
             gen_random_uuid(), sha256('request'))`,
    `insert into signing_keys (kid, algorithm, public_jwk, private_jwk_encrypted, activates_at)
     values ('key-1', 'EdDSA', '{"kty":"OKP","crv":"Ed25519","x":"AA"}', 'ey..', now())`,
  ],
  catalog: [
    `insert into nodes (id, name, code, is_builtin)
     values ('0192f0c1-0000-7000-8000-000000000001', 'trim', 'trim', true)`,
    `insert into chain_strategies (id, name, created_by_id)
     values ('0192f0c1-0000-7000-8000-000000000002', 'clean', gen_random_uuid())`,
    `insert into strategy_nodes (id, strategy_id, node_id, position)
     select gen_random_uuid(), '0192f0c1-0000-7000-8000-000000000002', '0192f0c1-0000-7000-8000-000000000001', place
       from generate_series(1, 3) place`,
  ],
  execution: [
    `insert into execution_plans (digest, content, strategy_id, strategy_revision)
     values (sha256('{}'), '{}', gen_random_uuid(), 1)`,
    `insert into chain_executions (id, strategy_id, input_text, created_by_id, plan_digest, strategy_revision)
     values ('0192f0c1-0000-7000-8000-000000000003', gen_random_uuid(), 'text', gen_random_uuid(), sha256('{}'), 1)`,
    `insert into node_executions
       (id, execution_id, node_id, input_text, output_text, status, completed_at, position, attempt, node_revision)
     values (gen_random_uuid(), '0192f0c1-0000-7000-8000-000000000003', gen_random_uuid(), 'text', 'TEXT', 'success',
             now(), 1, 1, 1)`,
    `insert into workers (id, host_name, process_id) values (gen_random_uuid(), 'host', 1)`,
    `insert into outbox (id, events) values (gen_random_uuid(), '[{}]')`,
  ],
};
