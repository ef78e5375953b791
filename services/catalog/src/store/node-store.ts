import { z } from 'zod';
import { isUniqueViolation, type Database, type Transaction } from '@chain-processor/db';
import { RequestIdReusedError, invariant } from '@chain-processor/errors';
import { isJsonObject, type JsonObject } from '../domain/json-object.js';
import type { NewNode, Node, NodeSummary } from '../domain/node.js';
import type { NodeFilter, Page, PageRequest } from '../domain/page.js';
import {
  CURSOR_COLUMN,
  FILTER_CONDITION,
  PAGE_CONDITION,
  filterParameters,
  pageParameters,
  toPage,
  type CursorColumns,
} from './list-query.js';
import { NodeModel } from './models/node-model.js';

/** A node that was made by a call with a `request_id`. */
export interface RequestedNode {
  readonly node: Node;
  readonly requestDigest: Buffer;
}

/** A builtin node as the release has it. */
export interface BuiltinRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly code: string;
  readonly metadata: JsonObject;
}

/** The table `nodes`. Every method may also fail with `DatabaseUnavailableError`. */
export interface NodeStore {
  findById(id: string): Promise<Node | undefined>;
  /** Those that exist, by id. They cannot be deleted until the transaction ends. */
  lockAll(ids: readonly string[], transaction: Transaction): Promise<ReadonlyMap<string, Node>>;
  /** The node that `createdById` made with this `request_id`. */
  findByRequest(createdById: string, requestId: string): Promise<RequestedNode | undefined>;
  list(filter: NodeFilter, page: PageRequest): Promise<Page<NodeSummary>>;
  /** @throws RequestIdReusedError when the same caller used the `request_id` before. */
  insert(node: NewNode): Promise<Node>;
  /**
   * Inserts builtin nodes, and where one is there already with other content gives it this one as its next version. Whether it
   * is active stays. Safe from many processes at once.
   *
   * @returns how many rows were written.
   */
  upsertBuiltins(rows: readonly BuiltinRow[]): Promise<number>;
}

/** The columns that the database types less strictly than the domain; its own constraints keep the promise. */
const metadataSchema = z.custom<JsonObject>(isJsonObject);

export function createNodeStore({ database }: { readonly database: Database }): NodeStore {
  const nodes = database.sequelize.getRepository(NodeModel);

  return {
    async findById(id) {
      const row = await nodes.findByPk(id);
      return row === null ? undefined : toNode(row);
    },

    async lockAll(ids, transaction) {
      const rows = await nodes.findAll({
        where: { id: [...ids] },
        // One order for all callers, so that two of them never wait for each other.
        order: [['id', 'ASC']],
        lock: transaction.LOCK.KEY_SHARE,
        transaction,
      });
      return new Map(rows.map((row) => [row.id, toNode(row)]));
    },

    async findByRequest(createdById, requestId) {
      const row = await nodes.findOne({ where: { createdById, requestId } });
      if (row === null) return undefined;
      invariant(row.requestDigest, `node ${row.id} has a request id and no digest`);
      return { node: toNode(row), requestDigest: row.requestDigest };
    },

    async list(filter, page) {
      const rows = await database.query<SummaryRow>(LIST_SQL, {
        bind: [...filterParameters(filter), ...pageParameters(page), filter.isBuiltin ?? null],
      });
      return toPage(rows, page, toSummary);
    },

    async insert(node) {
      try {
        return toNode(await nodes.create(toRow(node)));
      } catch (error) {
        if (node.request !== undefined && isUniqueViolation(error, 'ix_nodes_created_by_id_request_id')) {
          throw new RequestIdReusedError(node.request.id);
        }
        throw error;
      }
    },

    async upsertBuiltins(rows) {
      // One order in every process, so that two of them never wait for each other.
      const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
      const written = await database.query(UPSERT_BUILTINS_SQL, {
        bind: [
          sorted.map(({ id }) => id),
          sorted.map(({ name }) => name),
          sorted.map(({ description }) => description),
          sorted.map(({ code }) => code),
          sorted.map(({ metadata }) => JSON.stringify(metadata)),
        ],
      });
      return written.length;
    },
  };
}

const LIST_SQL = `
select t.id, t.name, t.description, t.created_by_id, t.is_builtin, t.is_active, t.metadata, t.tags, t.created_at,
       t.updated_at, t.version, ${CURSOR_COLUMN}
  from nodes t
 where ${FILTER_CONDITION}
  and ($10::boolean is null or t.is_builtin = $10::boolean)
  and ${PAGE_CONDITION}`;

const UPSERT_BUILTINS_SQL = `
insert into nodes (id, name, description, code, metadata, is_builtin)
select id, name, description, code, metadata, true
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[]) as t (id, name, description, code, metadata)
    on conflict (id) do update
   set name = excluded.name, description = excluded.description, code = excluded.code, metadata = excluded.metadata,
       updated_at = now(), version = nodes.version + 1
 where (nodes.name, nodes.description, nodes.code, nodes.metadata)
       is distinct from (excluded.name, excluded.description, excluded.code, excluded.metadata)
returning nodes.id`;

interface SummaryRow extends CursorColumns {
  readonly name: string;
  readonly description: string;
  readonly created_by_id: string | null;
  readonly is_builtin: boolean;
  readonly is_active: boolean;
  readonly metadata: unknown;
  readonly tags: string[];
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly version: number;
}

function toRow(node: NewNode) {
  return {
    id: node.id,
    name: node.name,
    description: node.description,
    code: node.code,
    createdById: node.createdById,
    metadataJson: node.metadata,
    tags: [...node.tags],
    requestId: node.request?.id ?? null,
    requestDigest: node.request?.digest ?? null,
  };
}

function toNode(row: NodeModel): Node {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    code: row.code,
    createdById: row.createdById ?? undefined,
    isBuiltin: row.isBuiltin,
    isActive: row.isActive,
    metadata: metadataSchema.parse(row.metadataJson),
    tags: row.tags,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    version: row.version,
  };
}

function toSummary(row: SummaryRow): NodeSummary {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    createdById: row.created_by_id ?? undefined,
    isBuiltin: row.is_builtin,
    isActive: row.is_active,
    metadata: metadataSchema.parse(row.metadata),
    tags: row.tags,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
