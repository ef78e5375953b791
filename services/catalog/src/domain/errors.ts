import { AppError, ErrorReason, Status, type FieldViolation } from '@chain-processor/errors';
import type { CodeFault } from './node-code.js';

/** There is no node with this id, or there are none with these. */
export class NodeNotFoundError extends AppError {
  readonly code = Status.NOT_FOUND;
  readonly reason = ErrorReason.NODE_NOT_FOUND;

  constructor(nodeId: string) {
    super(`there is no node ${nodeId}`, { metadata: { node_id: nodeId } });
  }
}

/** Positions of a strategy name nodes that do not exist. */
export class PositionNodeNotFoundError extends AppError {
  readonly code = Status.NOT_FOUND;
  readonly reason = ErrorReason.NODE_NOT_FOUND;

  constructor(missing: readonly { readonly position: number; readonly nodeId: string }[]) {
    const positions = missing.map(({ position }) => position).join(', ');
    super(`the strategy names nodes that do not exist, at position ${positions}`, {
      metadata: {
        position: positions,
        node_id: [...new Set(missing.map(({ nodeId }) => nodeId))].join(', '),
      },
    });
  }
}

/** The node has no revision with this number. */
export class NodeRevisionNotFoundError extends AppError {
  readonly code = Status.NOT_FOUND;
  readonly reason = ErrorReason.NODE_REVISION_NOT_FOUND;

  constructor(nodeId: string, revision: number) {
    super(`node ${nodeId} has no revision ${revision}`, {
      metadata: { node_id: nodeId, revision: String(revision) },
    });
  }
}

/** A node of the strategy is deactivated. */
export class NodeInactiveError extends AppError {
  readonly code = Status.FAILED_PRECONDITION;
  readonly reason = ErrorReason.NODE_INACTIVE;

  constructor(nodeId: string, position: number) {
    super(`node ${nodeId} at position ${position} is inactive; activate it or take it out of the strategy`, {
      metadata: { node_id: nodeId, position: String(position) },
    });
  }
}

/** A node's code cannot be run. */
export class NodeCodeInvalidError extends AppError {
  readonly code = Status.INVALID_ARGUMENT;
  readonly reason = ErrorReason.NODE_CODE_INVALID;

  /** @param field where the request has the code. */
  constructor(field: string, faults: readonly CodeFault[]) {
    const violations = codeViolations(field, faults);
    const [first] = faults;
    super(violations.map((violation) => `${field}: ${violation.description}`).join('; '), {
      fieldViolations: violations,
      metadata: first === undefined ? {} : { line: String(first.line), column: String(first.column) },
    });
  }
}

/** A text of the request has more bytes than it may. */
export class TextTooLargeError extends AppError {
  readonly code = Status.INVALID_ARGUMENT;
  readonly reason = ErrorReason.REQUEST_TOO_LARGE;

  constructor(field: string, actualBytes: number, limitBytes: number) {
    const description = tooLarge(actualBytes, limitBytes);
    super(`${field}: ${description}`, {
      fieldViolations: [{ field, description }],
      metadata: { limit_bytes: String(limitBytes), actual_bytes: String(actualBytes) },
    });
  }
}

/** Configs of positions do not match the schemas of their nodes. */
export class NodeConfigInvalidError extends AppError {
  readonly code = Status.INVALID_ARGUMENT;
  readonly reason = ErrorReason.NODE_CONFIG_INVALID;

  constructor(violations: readonly FieldViolation[]) {
    super(violations.map(({ field, description }) => `${field}: ${description}`).join('; '), {
      fieldViolations: violations,
    });
  }
}

/** There is no strategy with this id. */
export class StrategyNotFoundError extends AppError {
  readonly code = Status.NOT_FOUND;
  readonly reason = ErrorReason.STRATEGY_NOT_FOUND;

  constructor(strategyId: string) {
    super(`there is no strategy ${strategyId}`, { metadata: { strategy_id: strategyId } });
  }
}

/** The strategy has no revision with this number. */
export class StrategyRevisionNotFoundError extends AppError {
  readonly code = Status.NOT_FOUND;
  readonly reason = ErrorReason.STRATEGY_REVISION_NOT_FOUND;

  constructor(strategyId: string, revision: number) {
    super(`strategy ${strategyId} has no revision ${revision}`, {
      metadata: { strategy_id: strategyId, revision: String(revision) },
    });
  }
}

/** The strategy starts no executions. */
export class StrategyInactiveError extends AppError {
  readonly code = Status.FAILED_PRECONDITION;
  readonly reason = ErrorReason.STRATEGY_INACTIVE;

  constructor(strategyId: string) {
    super(`strategy ${strategyId} is inactive; activate it`, { metadata: { strategy_id: strategyId } });
  }
}

/** The strategy has nothing to run. */
export class StrategyEmptyError extends AppError {
  readonly code = Status.FAILED_PRECONDITION;
  readonly reason = ErrorReason.STRATEGY_EMPTY;

  constructor(strategyId: string) {
    super(`strategy ${strategyId} has no nodes; add one`, { metadata: { strategy_id: strategyId } });
  }
}

/** What is wrong with a text of that size, in the words of a field violation. */
export function tooLarge(actualBytes: number, limitBytes: number): string {
  return `must have at most ${limitBytes} bytes of UTF-8, and has ${actualBytes}`;
}

/** The faults of a node's code as field violations. */
export function codeViolations(field: string, faults: readonly CodeFault[]): FieldViolation[] {
  return faults.map(({ message, line, column }) => ({
    field,
    description: `line ${line}, column ${column}: ${message}`,
  }));
}
