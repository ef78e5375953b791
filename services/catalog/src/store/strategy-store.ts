import { isUniqueViolation, type Database, type Transaction } from '@chain-processor/db';
import { RequestIdReusedError, invariant } from '@chain-processor/errors';
import type { Node } from '../domain/node.js';
import type { Page, PageRequest, StrategyFilter } from '../domain/page.js';
import type { NewStrategy, Strategy, StrategySummary } from '../domain/strategy.js';
import {
  CURSOR_COLUMN,
  FILTER_CONDITION,
  PAGE_CONDITION,
  filterParameters,
  pageParameters,
  toPage,
} from './list-query.js';
import { StrategyModel } from './models/strategy-model.js';
import { StrategyNodeModel } from './models/strategy-node-model.js';
import {
  NODE_COLUMNS,
  POSITION_COLUMNS,
  STRATEGY_COLUMNS,
  toPositionNode,
  toPositionValues,
  toStrategy,
  toStrategyValues,
  toSummary,
  type NodeColumns,
  type PositionColumns,
  type StrategyListRow,
  type StrategyRow,
} from './strategy-rows.js';

/** A strategy that was made by a call with a `request_id`. */
export interface RequestedStrategy {
  readonly id: string;
  readonly requestDigest: Buffer;
}

/** A strategy and every node that stands in it, as they were at one moment. */
export interface StrategyWithNodes {
  readonly strategy: Strategy;
  readonly nodes: ReadonlyMap<string, Node>;
}

/** The tables `chain_strategies` and `strategy_nodes`. Every method may also fail with `DatabaseUnavailableError`. */
export interface StrategyStore {
  findById(id: string, transaction?: Transaction): Promise<Strategy | undefined>;
  findWithNodes(id: string): Promise<StrategyWithNodes | undefined>;
  /** The strategy that `createdById` made with this `request_id`. */
  findByRequest(createdById: string, requestId: string): Promise<RequestedStrategy | undefined>;
  list(filter: StrategyFilter, page: PageRequest): Promise<Page<StrategySummary>>;
  /** @throws RequestIdReusedError when the same caller used the `request_id` before; the transaction is lost then. */
  insert(strategy: NewStrategy, transaction: Transaction): Promise<void>;
}

export function createStrategyStore({ database }: { readonly database: Database }): StrategyStore {
  const strategies = database.sequelize.getRepository(StrategyModel);
  const strategyNodes = database.sequelize.getRepository(StrategyNodeModel);

  return {
    async findById(id, transaction) {
      return toStrategy(
        await database.query<StrategyRow & PositionColumns>(FIND_SQL, {
          bind: [id],
          ...(transaction === undefined ? {} : { transaction }),
        }),
      );
    },

    async findWithNodes(id) {
      const rows = await database.query<StrategyRow & PositionColumns & NodeColumns>(FIND_WITH_NODES_SQL, {
        bind: [id],
      });
      const strategy = toStrategy(rows);
      if (strategy === undefined) return undefined;
      return { strategy, nodes: new Map(rows.flatMap(toPositionNode).map((node) => [node.id, node])) };
    },

    async findByRequest(createdById, requestId) {
      const row = await strategies.findOne({ where: { createdById, requestId } });
      if (row === null) return undefined;
      invariant(row.requestDigest, `strategy ${row.id} has a request id and no digest`);
      return { id: row.id, requestDigest: row.requestDigest };
    },

    async list(filter, page) {
      const rows = await database.query<StrategyListRow>(LIST_SQL, {
        bind: [...filterParameters(filter), ...pageParameters(page), filter.nodeId ?? null],
      });
      return toPage(rows, page, toSummary);
    },

    async insert(strategy, transaction) {
      const { id, request, positions } = strategy;
      try {
        await strategies.create(toStrategyValues(strategy), { transaction });
      } catch (error) {
        const constraint = 'ix_chain_strategies_created_by_id_request_id';
        if (request !== undefined && isUniqueViolation(error, constraint)) {
          throw new RequestIdReusedError(request.id);
        }
        throw error;
      }
      await strategyNodes.bulkCreate(
        positions.map((position) => toPositionValues(id, position)),
        // Without the list, bulkCreate writes NULL into the columns that the database fills.
        { transaction, fields: ['id', 'strategyId', 'nodeId', 'position', 'config', 'nodeRevision'] },
      );
    },
  };
}

/** One statement and not one per table: between two, an edit could pair the revision of one with the positions of another. */
const FIND_SQL = `
select ${STRATEGY_COLUMNS}, ${POSITION_COLUMNS}
  from chain_strategies t
  left join strategy_nodes p on p.strategy_id = t.id
 where t.id = $1
 order by p.position`;

const FIND_WITH_NODES_SQL = `
select ${STRATEGY_COLUMNS}, ${POSITION_COLUMNS}, ${NODE_COLUMNS}
  from chain_strategies t
  left join strategy_nodes p on p.strategy_id = t.id
  left join nodes n on n.id = p.node_id
 where t.id = $1
 order by p.position`;

const LIST_SQL = `
select ${STRATEGY_COLUMNS}, ${CURSOR_COLUMN}
  from chain_strategies t
 where ${FILTER_CONDITION}
  and ($10::uuid is null
       or exists (select from strategy_nodes p where p.strategy_id = t.id and p.node_id = $10::uuid))
  and ${PAGE_CONDITION}`;
