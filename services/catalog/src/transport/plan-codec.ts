import { digestOfJson } from '@chain-processor/canonical-json';
import {
  Plan as ProtoPlan,
  type PlanNode,
  type ResolveStrategyResponse,
} from '@chain-processor/proto/catalog';
import type { Plan, PlanPosition } from '../domain/plan.js';
import { toProtoPolicy } from './policy-codec.js';
import { toProtoDurability, toProtoEventDetail } from './strategy-codec.js';

export function toResolveStrategyResponse(plan: Plan): ResolveStrategyResponse {
  const message = toProtoPlan(plan);
  return { plan: message, planDigest: digestOfPlan(message) };
}

/**
 * What identifies a plan: SHA-256 over the canonical JSON (RFC 8785) of its proto3 JSON. The execution service computes the
 * same from the message that it got, so nothing may go into the digest that does not go over the wire.
 */
export function digestOfPlan(plan: ProtoPlan): Buffer {
  return digestOfJson(ProtoPlan.toJSON(plan));
}

function toProtoPlan(plan: Plan): ProtoPlan {
  return {
    strategyId: plan.strategyId,
    strategyRevision: plan.strategyRevision,
    eventDetail: toProtoEventDetail(plan.eventDetail),
    durability: toProtoDurability(plan.durability),
    nodes: plan.positions.map(toPlanNode),
  };
}

function toPlanNode({ position, node, nodeRevision, language, config, policy }: PlanPosition): PlanNode {
  return {
    position,
    nodeId: node.id,
    nodeRevision,
    nodeName: node.name,
    ownerId: node.createdById ?? '',
    isBuiltin: node.isBuiltin,
    language: language ?? '',
    code: node.code,
    config: Object.keys(config).length === 0 ? undefined : { ...config },
    policy: toProtoPolicy(policy),
  };
}
