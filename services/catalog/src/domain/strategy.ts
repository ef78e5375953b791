import type { JsonObject } from './json-object.js';
import type { GivenPolicy } from './policy.js';
import type { RequestKey } from './request-key.js';

/** The most positions that a strategy may have. */
export const MAX_POSITIONS = 100;
/** Keys that begin so, at the top of a position's stored config, are the engine's; no caller may use them. */
export const RESERVED_PREFIX = '$';
/** Where a position's policy lies. */
export const POLICY_KEY = '$policy';

export const eventDetails = ['lifecycle', 'steps'] as const;
export type EventDetailName = (typeof eventDetails)[number];

export const durabilities = ['flow', 'step'] as const;
export type DurabilityName = (typeof durabilities)[number];

/** What a caller says about one position; its place in the list is its position. */
export interface PositionDraft {
  readonly nodeId: string;
  /** Undefined follows the newest. */
  readonly nodeRevision: number | undefined;
  readonly config: JsonObject;
  readonly policy: GivenPolicy | undefined;
}

/** One position of a strategy. */
export interface Position extends PositionDraft {
  readonly id: string;
  /** From 1. */
  readonly position: number;
}

/** What a caller says about a strategy. */
export interface StrategyDraft {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly metadata: JsonObject;
  readonly eventDetail: EventDetailName;
  readonly durability: DurabilityName;
  readonly positions: readonly PositionDraft[];
}

/** A strategy without its positions, as lists have it. */
export interface StrategySummary extends Omit<StrategyDraft, 'positions'> {
  readonly id: string;
  readonly createdById: string;
  readonly isActive: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** 1 at creation, one more with every change, of its positions too. */
  readonly version: number;
}

/** An ordered chain of nodes. */
export interface Strategy extends StrategySummary {
  /** 1 to n without gaps. */
  readonly positions: readonly Position[];
}

/** A strategy to be stored. */
export interface NewStrategy extends StrategyDraft {
  readonly id: string;
  readonly createdById: string;
  readonly positions: readonly Position[];
  /** The call that creates the strategy, when it may be repeated. */
  readonly request: RequestKey | undefined;
}
