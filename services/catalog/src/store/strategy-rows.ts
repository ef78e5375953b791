import { z } from 'zod';
import { invariant } from '@chain-processor/errors';
import { isJsonObject, type JsonObject } from '../domain/json-object.js';
import type { Node } from '../domain/node.js';
import {
  durabilities,
  eventDetails,
  type NewStrategy,
  type Position,
  type Strategy,
  type StrategySummary,
} from '../domain/strategy.js';
import type { CursorColumns } from './list-query.js';
import { fromConfigColumn, toConfigColumn } from './position-config.js';

/** Columns of `chain_strategies`, under the alias `t`. */
export const STRATEGY_COLUMNS = `t.id, t.name, t.description, t.created_by_id, t.is_active, t.tags, t.metadata, t.created_at,
       t.updated_at, t.version, t.event_detail, t.durability`;

export interface StrategyRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly created_by_id: string;
  readonly is_active: boolean;
  readonly tags: string[];
  readonly metadata: unknown;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly version: number;
  readonly event_detail: string;
  readonly durability: string;
}

export type StrategyListRow = StrategyRow & CursorColumns;

/** A strategy beside one of its positions; all NULL when it has none. */
export interface PositionColumns {
  readonly position_id: string | null;
  readonly node_id: string | null;
  readonly position: number | null;
  readonly config: unknown;
  readonly node_revision: number | null;
}

export const POSITION_COLUMNS = `p.id as position_id, p.node_id, p.position, p.config, p.node_revision`;

/** The node of a position; all NULL when there is none. */
export interface NodeColumns {
  readonly node_name: string;
  readonly node_description: string;
  readonly node_code: string;
  readonly node_created_by_id: string | null;
  readonly node_is_builtin: boolean;
  readonly node_is_active: boolean;
  readonly node_metadata: unknown;
  readonly node_tags: string[];
  readonly node_created_at: Date;
  readonly node_updated_at: Date;
  readonly node_version: number;
}

export const NODE_COLUMNS = `n.name as node_name, n.description as node_description, n.code as node_code,
       n.created_by_id as node_created_by_id, n.is_builtin as node_is_builtin, n.is_active as node_is_active,
       n.metadata as node_metadata, n.tags as node_tags, n.created_at as node_created_at, n.updated_at as node_updated_at,
       n.version as node_version`;

/** The columns that the database types less strictly than the domain; its own constraints keep the promise. */
const columnsSchema = z.object({
  metadata: z.custom<JsonObject>(isJsonObject),
  eventDetail: z.enum(eventDetails),
  durability: z.enum(durabilities),
});

export function toSummary(row: StrategyRow): StrategySummary {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    createdById: row.created_by_id,
    isActive: row.is_active,
    tags: row.tags,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
    ...columnsSchema.parse({
      metadata: row.metadata,
      eventDetail: row.event_detail,
      durability: row.durability,
    }),
  };
}

/** @param rows one per position, in their order; undefined when there are none. */
export function toStrategy(rows: readonly (StrategyRow & PositionColumns)[]): Strategy | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  return { ...toSummary(first), positions: rows.flatMap(toPosition) };
}

function toPosition(row: PositionColumns): Position[] {
  if (row.position_id === null) return [];
  invariant(row.node_id !== null && row.position !== null, 'the columns of a position are never NULL');
  return [
    {
      id: row.position_id,
      nodeId: row.node_id,
      position: row.position,
      nodeRevision: row.node_revision ?? undefined,
      ...fromConfigColumn(row.config),
    },
  ];
}

export function toPositionNode(row: PositionColumns & NodeColumns): Node[] {
  if (row.node_id === null) return [];
  return [
    {
      id: row.node_id,
      name: row.node_name,
      description: row.node_description,
      code: row.node_code,
      createdById: row.node_created_by_id ?? undefined,
      isBuiltin: row.node_is_builtin,
      isActive: row.node_is_active,
      metadata: columnsSchema.shape.metadata.parse(row.node_metadata),
      tags: row.node_tags,
      createdAt: row.node_created_at,
      updatedAt: row.node_updated_at,
      version: row.node_version,
    },
  ];
}

export function toStrategyValues(strategy: NewStrategy) {
  return {
    id: strategy.id,
    name: strategy.name,
    description: strategy.description,
    createdById: strategy.createdById,
    tags: [...strategy.tags],
    metadataJson: strategy.metadata,
    eventDetail: strategy.eventDetail,
    durability: strategy.durability,
    requestId: strategy.request?.id ?? null,
    requestDigest: strategy.request?.digest ?? null,
  };
}

export function toPositionValues(strategyId: string, position: Position) {
  return {
    id: position.id,
    strategyId,
    nodeId: position.nodeId,
    position: position.position,
    config: toConfigColumn(position),
    nodeRevision: position.nodeRevision ?? null,
  };
}
