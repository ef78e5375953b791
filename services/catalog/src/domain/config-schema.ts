import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FieldViolation } from '@chain-processor/errors';
import type { BoundedOutcome, RunBounded } from './bounded-call.js';
import { isJsonObject, type JsonObject } from './json-object.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const MAX_MESSAGE_LENGTH = 200;
const MAX_KEY_LENGTH = 64;

/** One config that has to match one schema. */
export interface ConfigCheck {
  /** Identifies the schema for ever: node and version. */
  readonly key: string;
  /** Undefined takes any config. */
  readonly schema: unknown;
  readonly config: JsonObject;
  /** Path of the config in the request. */
  readonly field: string;
}

/** JSON Schema (2020-12), as nodes use it for their configs. */
export interface ConfigSchemas {
  /** What is wrong with a schema itself; empty when configs can be matched with it. */
  schemaViolations(field: string, schema: unknown): FieldViolation[];
  /** What is wrong with configs. All of them together have the time that one schema has. */
  configViolations(checks: readonly ConfigCheck[]): FieldViolation[];
}

export interface ConfigSchemasOptions {
  readonly runBounded: RunBounded;
  /** How many compiled schemas are kept, the least recently used going first. */
  readonly maxCompiled: number;
}

/**
 * Schemas come from users, whom Ajv does not expect (https://ajv.js.org/security.html): so every step runs with a time limit, each
 * schema gets an Ajv of its own (no `$id` of one user can be seen by another), `$async` and other dialects are refused, and
 * their size is that of metadata.
 */
export function createConfigSchemas({ runBounded, maxCompiled }: ConfigSchemasOptions): ConfigSchemas {
  const compiled = new Map<string, ValidateFunction>();
  const metaSchema = metaSchemaValidator();

  function compile(schema: object): ValidateFunction {
    return new Ajv2020({
      strict: false,
      allErrors: true,
      // A config has the properties that it was sent with, and not those that every object inherits.
      ownProperties: true,
      // As the 2020-12 dialect has it: `format` says something to readers and is not checked.
      validateFormats: false,
      // Checked once, with the meta schema compiled above.
      validateSchema: false,
      meta: false,
      logger: false,
    }).compile(schema);
  }

  function compiledSchema(key: string, schema: object): ValidateFunction {
    const validate = compiled.get(key) ?? compile(schema);
    compiled.delete(key);
    compiled.set(key, validate);
    const oldest = compiled.keys().next();
    if (compiled.size > maxCompiled && oldest.done !== true) compiled.delete(oldest.value);
    return validate;
  }

  function violationsOf({ key, schema, config, field }: ConfigCheck): FieldViolation[] {
    if (schema === undefined) return [];
    if (!isJsonObject(schema)) {
      return [{ field, description: "cannot be checked, because the node's config_schema is no object" }];
    }
    const validate = compiledSchema(key, schema);
    return validate(config) ? [] : describeErrors(field, validate.errors ?? []);
  }

  return {
    schemaViolations(field, schema) {
      if (!isJsonObject(schema)) {
        return [{ field, description: 'must be a JSON object that is a JSON Schema' }];
      }
      if ('$schema' in schema && schema['$schema'] !== DIALECT) {
        return [{ field: memberPath(field, '$schema'), description: `must be ${DIALECT} or left out` }];
      }
      if ('$async' in schema) {
        return [{ field: memberPath(field, '$async'), description: 'is no keyword of JSON Schema' }];
      }
      const outcome = runBounded(() => {
        if (!metaSchema(schema)) return describeErrors(field, metaSchema.errors ?? []);
        return compileViolations(field, () => compile(schema));
      });
      return outcome.kind === 'finished' ? outcome.value : [unfinished(field, outcome)];
    },

    configViolations(checks) {
      let place = '';
      const outcome = runBounded(() =>
        checks.flatMap((check) => {
          place = check.field;
          return violationsOf(check);
        }),
      );
      return outcome.kind === 'finished' ? outcome.value : [unfinished(place, outcome)];
    },
  };
}

/** Compiled here and not at the first use, which might be the one that runs into the time limit. */
function metaSchemaValidator(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
  return ajv.compile({ $ref: DIALECT });
}

/** What the meta schema cannot see: patterns that are no regular expressions, references that lead nowhere. */
function compileViolations(field: string, compile: () => ValidateFunction): FieldViolation[] {
  try {
    compile();
    return [];
  } catch (error) {
    if (!(error instanceof Error) || error instanceof RangeError) throw error;
    return [{ field, description: `is no usable JSON Schema: ${shortened(error.message)}` }];
  }
}

function unfinished(
  field: string,
  outcome: Exclude<BoundedOutcome<never>, { kind: 'finished' }>,
): FieldViolation {
  const description =
    outcome.kind === 'too_slow'
      ? 'takes too long to match; look for nested repetitions in a pattern and for references that multiply'
      : 'is nested too deeply, or its references lead round in a circle';
  return { field, description };
}

/** One violation for each place: of alternatives that all fail, the first one says enough. */
function describeErrors(field: string, errors: readonly ErrorObject[]): FieldViolation[] {
  const violations = new Map<string, FieldViolation>();
  for (const error of errors) {
    const violation = describeError(field, error);
    if (!violations.has(violation.field)) violations.set(violation.field, violation);
  }
  return [...violations.values()];
}

function describeError(field: string, error: ErrorObject): FieldViolation {
  const segments = error.instancePath.split('/').slice(1).map(unescapePointer);
  const path = segments.reduce(segmentPath, field);
  const params: unknown = error.params;
  if (isJsonObject(params)) {
    const { additionalProperty, missingProperty } = params;
    if (typeof additionalProperty === 'string') {
      return { field: memberPath(path, additionalProperty), description: 'is not known; remove it' };
    }
    if (typeof missingProperty === 'string') {
      return { field: memberPath(path, missingProperty), description: 'is required' };
    }
  }
  return { field: path, description: shortened(error.message ?? `breaks the rule ${error.keyword}`) };
}

function segmentPath(path: string, segment: string): string {
  return /^\d+$/.test(segment) ? `${path}[${segment}]` : memberPath(path, segment);
}

function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The path of a member in the notation of field violations. A long key is cut: errors travel in bounded metadata. */
function memberPath(path: string, key: string): string {
  if (/^[A-Za-z_$][\w$]{0,63}$/.test(key)) return `${path}.${key}`;
  const shown = key.length <= MAX_KEY_LENGTH ? key : `${key.slice(0, MAX_KEY_LENGTH)}…`;
  return `${path}[${JSON.stringify(shown.toWellFormed())}]`;
}

function shortened(message: string): string {
  const cut = message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}…`;
  return cut.toWellFormed();
}
