import type { ConfigSchemas } from './config-schema.js';
import { NodeConfigInvalidError, NodeRevisionNotFoundError, PositionNodeNotFoundError } from './errors.js';
import { CONFIG_SCHEMA_KEY, type Node } from './node.js';
import { hasRevision } from './plan.js';
import type { PositionDraft } from './strategy.js';

export interface CheckPositionsOptions {
  readonly positions: readonly PositionDraft[];
  /** The nodes that exist, by id. */
  readonly nodes: ReadonlyMap<string, Node>;
  readonly configSchemas: ConfigSchemas;
  /** Path of the positions in the request. */
  readonly field: string;
}

/**
 * The rules on positions that depend on their nodes. Inactive nodes pass: they may be activated before anything runs.
 *
 * @throws PositionNodeNotFoundError, NodeRevisionNotFoundError, or NodeConfigInvalidError with the violations of all configs.
 */
export function checkPositions({ positions, nodes, configSchemas, field }: CheckPositionsOptions): void {
  const missing = positions.flatMap(({ nodeId }, index) =>
    nodes.has(nodeId) ? [] : [{ position: index + 1, nodeId }],
  );
  if (missing.length > 0) throw new PositionNodeNotFoundError(missing);

  const checks = positions.flatMap(({ nodeId, nodeRevision, config }, index) => {
    const node = nodes.get(nodeId);
    if (node === undefined) return [];
    if (!hasRevision(node, nodeRevision)) {
      throw new NodeRevisionNotFoundError(nodeId, nodeRevision ?? node.version);
    }
    return [
      {
        key: `${node.id} ${node.version}`,
        schema: node.metadata[CONFIG_SCHEMA_KEY],
        config,
        field: `${field}[${index}].config`,
      },
    ];
  });
  const violations = configSchemas.configViolations(checks);
  if (violations.length > 0) throw new NodeConfigInvalidError(violations);
}
