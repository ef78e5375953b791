import type { FieldViolation } from '@chain-processor/errors';
import type { BoundedOutcome, RunBounded } from './bounded-call.js';
import type { ConfigSchemas } from './config-schema.js';
import type { JsonObject } from './json-object.js';
import { CONFIG_SCHEMA_KEY, LANGUAGE_KEY, languageOf, nodeLanguages } from './node.js';
import { findCodeFaults, type CodeFault } from './node-code.js';

/** What is wrong with the content of a node. */
export interface NodeFaults {
  readonly code: readonly CodeFault[];
  /** By path inside the node. */
  readonly fields: readonly FieldViolation[];
}

/** The rules on a node's code, language and config schema, which need more than a look at one field. */
export interface NodeRules {
  /** @param field path of the metadata in the request. */
  faultsOf(content: { readonly code: string; readonly metadata: JsonObject }, field: string): NodeFaults;
}

export interface NodeRulesOptions {
  readonly runBounded: RunBounded;
  readonly configSchemas: ConfigSchemas;
}

export function createNodeRules({ runBounded, configSchemas }: NodeRulesOptions): NodeRules {
  return {
    faultsOf({ code, metadata }, field) {
      const language = languageOf(metadata);
      const schema = metadata[CONFIG_SCHEMA_KEY];
      const languageViolation = {
        field: `${field}.${LANGUAGE_KEY}`,
        description: `must be one of ${nodeLanguages.join(', ')}`,
      };
      return {
        code: language === undefined ? [] : codeFaults(runBounded(() => findCodeFaults(code, language))),
        fields: [
          ...(language === undefined ? [languageViolation] : []),
          ...(schema === undefined
            ? []
            : configSchemas.schemaViolations(`${field}.${CONFIG_SCHEMA_KEY}`, schema)),
        ],
      };
    },
  };
}

function codeFaults(outcome: BoundedOutcome<CodeFault[]>): CodeFault[] {
  switch (outcome.kind) {
    case 'finished':
      return outcome.value;
    case 'too_slow':
      return [{ message: 'takes too long to parse; make it smaller', line: 1, column: 1 }];
    case 'too_deep':
      return [{ message: 'is nested too deeply to be parsed', line: 1, column: 1 }];
  }
}
