import { z } from 'zod';
import { FieldInvalidError, type FieldViolation } from '@chain-processor/errors';
import {
  checkRequest,
  decodePageToken,
  decodeRequest,
  encodePageToken,
  requestId,
  resourceId,
} from '@chain-processor/service-kit';
import {
  Durability,
  EventDetail,
  type CreateStrategyRequest,
  type ListStrategiesRequest,
  type ListStrategiesResponse,
  type ResolveStrategyRequest,
  type Strategy as ProtoStrategy,
  type StrategyNode,
} from '@chain-processor/proto/catalog';
import type { Page, PageRequest, StrategyFilter } from '../domain/page.js';
import {
  MAX_POSITIONS,
  RESERVED_PREFIX,
  type DurabilityName,
  type EventDetailName,
  type PositionDraft,
  type Strategy,
  type StrategyDraft,
  type StrategySummary,
} from '../domain/strategy.js';
import type { CreateStrategyCommand } from '../usecases/create-strategy.js';
import { description, jsonObject, name, tags } from './field-codec.js';
import { cursorSchema, idFilter, listShape } from './list-codec.js';
import { policySchema, toProtoPolicy } from './policy-codec.js';

const eventDetailNames = new Map<EventDetail, EventDetailName>([
  [EventDetail.UNSPECIFIED, 'lifecycle'],
  [EventDetail.LIFECYCLE, 'lifecycle'],
  [EventDetail.STEPS, 'steps'],
]);
const eventDetailOf: Readonly<Record<EventDetailName, EventDetail>> = {
  lifecycle: EventDetail.LIFECYCLE,
  steps: EventDetail.STEPS,
};

const durabilityNames = new Map<Durability, DurabilityName>([
  [Durability.UNSPECIFIED, 'flow'],
  [Durability.FLOW, 'flow'],
  [Durability.STEP, 'step'],
]);
const durabilityOf: Readonly<Record<DurabilityName, Durability>> = {
  flow: Durability.FLOW,
  step: Durability.STEP,
};

const positionSchema = z.object({
  nodeId: resourceId(),
  nodeRevision: z.int().min(1, 'must be at least 1').optional(),
  config: jsonObject({ reservedPrefix: RESERVED_PREFIX }),
  policy: policySchema,
});

const createStrategySchema = z.object({
  strategy: z.object(
    {
      name: name(),
      description: description(),
      tags: tags(),
      metadata: jsonObject(),
      nodes: z
        .array(z.unknown())
        .max(MAX_POSITIONS, { error: `must be at most ${MAX_POSITIONS}`, abort: true })
        .pipe(z.array(positionSchema)),
      eventDetail: z.enum(EventDetail).transform((value, context): EventDetailName => {
        const known = eventDetailNames.get(value);
        if (known === undefined) context.addIssue('must be a known value of EventDetail');
        return known ?? 'lifecycle';
      }),
      durability: z.enum(Durability).transform((value, context): DurabilityName => {
        const known = durabilityNames.get(value);
        if (known === undefined) context.addIssue('must be a known value of Durability');
        return known ?? 'flow';
      }),
    },
    { error: 'is required' },
  ),
  requestId: requestId(),
  validateOnly: z.boolean(),
});

const strategyIdSchema = z.object({ strategyId: resourceId() });
const resolveStrategySchema = z.object({
  strategyId: resourceId(),
  revision: z.int().min(1, 'must be at least 1').optional(),
});
const listStrategiesSchema = z.object({ ...listShape(), nodeId: idFilter() });

/** @throws FieldInvalidError with all violations. */
export function decodeCreateStrategy(request: CreateStrategyRequest): CreateStrategyCommand {
  const checked = checkRequest(createStrategySchema, request);
  const order = orderViolations(request.strategy?.nodes ?? []);
  if (!checked.isValid) throw new FieldInvalidError([...checked.violations, ...order]);
  if (order.length > 0) throw new FieldInvalidError(order);
  const { strategy, ...rest } = checked.value;
  const { nodes, ...draft } = strategy;
  const positions = nodes.map((position): PositionDraft => ({
    ...position,
    nodeRevision: position.nodeRevision,
    policy: position.policy,
  }));
  return { draft: { ...draft, positions }, ...rest };
}

/** The order of the list counts, and a position that is said must agree with it. */
function orderViolations(nodes: readonly StrategyNode[]): FieldViolation[] {
  return nodes.slice(0, MAX_POSITIONS).flatMap(({ position }, index) =>
    position === 0 || position === index + 1
      ? []
      : [
          {
            field: `strategy.nodes[${index}].position`,
            description: `must be ${index + 1}, its place in the list, or 0`,
          },
        ],
  );
}

/** @throws FieldInvalidError */
export function decodeStrategyId(request: { readonly strategyId: string }): string {
  return decodeRequest(strategyIdSchema, request).strategyId;
}

/** @throws FieldInvalidError */
export function decodeResolveStrategy(request: ResolveStrategyRequest): {
  readonly strategyId: string;
  readonly revision: number | undefined;
} {
  const { strategyId, revision } = decodeRequest(resolveStrategySchema, request);
  return { strategyId, revision };
}

/** What a list asks for; `list` is what its page tokens belong to. */
export interface ListStrategiesQuery {
  readonly filter: StrategyFilter;
  readonly page: PageRequest;
  readonly list: object;
}

/** @throws FieldInvalidError, PageTokenInvalidError */
export function decodeListStrategies(request: ListStrategiesRequest): ListStrategiesQuery {
  const { pageSize, pageToken, ...filter } = decodeRequest(listStrategiesSchema, request);
  const list = { method: 'ListStrategies', ...filter };
  return {
    filter,
    page: { size: pageSize, after: decodePageToken(list, pageToken, cursorSchema) },
    list,
  };
}

export function toListStrategiesResponse(page: Page<StrategySummary>, list: object): ListStrategiesResponse {
  return {
    strategies: page.items.map((strategy) => toProtoStrategy({ ...strategy, positions: [] })),
    nextPageToken: page.next === undefined ? '' : encodePageToken(list, page.next),
  };
}

export function toProtoStrategy(strategy: Strategy): ProtoStrategy {
  return {
    ...toProtoDraft(strategy),
    id: strategy.id,
    createdById: strategy.createdById,
    isActive: strategy.isActive,
    nodes: strategy.positions.map((position) => ({
      ...toProtoPosition(position, position.position),
      id: position.id,
    })),
    createTime: strategy.createdAt,
    updateTime: strategy.updatedAt,
    version: strategy.version,
    etag: `v${strategy.version}`,
  };
}

/** A strategy as it would be stored: the answer to a call that only validates, without ids, times and version. */
export function toProtoDraft(draft: StrategyDraft): ProtoStrategy {
  return {
    id: '',
    name: draft.name,
    description: draft.description,
    createdById: '',
    isActive: true,
    tags: [...draft.tags],
    metadata: { ...draft.metadata },
    nodes: draft.positions.map((position, index) => toProtoPosition(position, index + 1)),
    eventDetail: toProtoEventDetail(draft.eventDetail),
    durability: toProtoDurability(draft.durability),
    createTime: undefined,
    updateTime: undefined,
    version: 0,
    etag: '',
  };
}

function toProtoPosition(position: PositionDraft, place: number): StrategyNode {
  const { nodeId, config, policy, nodeRevision } = position;
  return {
    id: '',
    nodeId,
    position: place,
    config: { ...config },
    policy: policy === undefined ? undefined : toProtoPolicy(policy),
    nodeRevision,
  };
}

export function toProtoEventDetail(name: EventDetailName): EventDetail {
  return eventDetailOf[name];
}

export function toProtoDurability(name: DurabilityName): Durability {
  return durabilityOf[name];
}
