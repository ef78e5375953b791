import { AppError, ErrorReason, Status } from '@chain-processor/errors';

/** There is no execution of that id. */
export class ExecutionNotFoundError extends AppError {
  readonly code = Status.NOT_FOUND;
  readonly reason = ErrorReason.EXECUTION_NOT_FOUND;

  constructor(executionId: string) {
    super(`execution ${executionId} does not exist; check the id that StartExecution answered`, {
      metadata: { execution_id: executionId },
    });
  }
}

/** A start named a plan that this service does not hold for the strategy. */
export class PlanNotFoundError extends AppError {
  readonly code = Status.NOT_FOUND;
  readonly reason = ErrorReason.PLAN_NOT_FOUND;

  constructor(strategyId: string, digestHex: string) {
    super(
      `strategy ${strategyId} has no plan ${digestHex}; leave plan_digest out, or take it from an earlier execution`,
      {
        metadata: { strategy_id: strategyId, plan_digest: digestHex },
      },
    );
  }
}

/** A stored plan asks for something that this release cannot do, such as a language that came later. */
export class PlanUnsupportedError extends AppError {
  readonly code = Status.FAILED_PRECONDITION;
  readonly reason = ErrorReason.PLAN_UNSUPPORTED;

  constructor(digestHex: string, cause: unknown) {
    super(`this release cannot run plan ${digestHex}; run it with a newer release`, {
      metadata: { plan_digest: digestHex },
      cause,
    });
  }
}
