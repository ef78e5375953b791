import type { JsonObject } from './json-object.js';
import type { RequestKey } from './request-key.js';

/** The languages that a node's code may be written in; the value of `metadata.language`. */
export const nodeLanguages = ['typescript', 'javascript'] as const;
export type NodeLanguage = (typeof nodeLanguages)[number];

/** The two keys of a node's metadata that have a meaning here; all others are the owner's. */
export const LANGUAGE_KEY = 'language';
export const CONFIG_SCHEMA_KEY = 'config_schema';

/** What a caller says about a node. */
export interface NodeDraft {
  readonly name: string;
  readonly description: string;
  readonly code: string;
  readonly metadata: JsonObject;
  readonly tags: readonly string[];
}

/** A node without its code, as lists have it. */
export interface NodeSummary extends Omit<NodeDraft, 'code'> {
  readonly id: string;
  /** Undefined for a builtin node. */
  readonly createdById: string | undefined;
  readonly isBuiltin: boolean;
  readonly isActive: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** 1 at creation, one more with every change. As long as content is all that can change, it is the revision too. */
  readonly version: number;
}

/** A piece of code that turns text into text. */
export interface Node extends NodeSummary {
  readonly code: string;
}

/** A node to be stored. */
export interface NewNode extends NodeDraft {
  readonly id: string;
  readonly createdById: string;
  /** The call that creates the node, when it may be repeated. */
  readonly request: RequestKey | undefined;
}

/** The language of a node's code, or undefined when its metadata names one that is not known. */
export function languageOf(metadata: JsonObject): NodeLanguage | undefined {
  const language = metadata[LANGUAGE_KEY] ?? 'typescript';
  return nodeLanguages.find((known) => known === language);
}
