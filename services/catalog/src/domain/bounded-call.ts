/** The outcome of a computation on a caller's input that must not take the process along. */
export type BoundedOutcome<Value> =
  | { readonly kind: 'finished'; readonly value: Value }
  /** It ran longer than it may. */
  | { readonly kind: 'too_slow' }
  /** Its input is nested too deeply for the call stack. */
  | { readonly kind: 'too_deep' };

/**
 * Runs a synchronous computation and cuts it off after some time. Parsing code and matching JSON Schemas need it: both can be
 * made exponential by whoever writes the input (`(a+)+$` as a pattern, `$ref`s that double at every level).
 */
export type RunBounded = <Value>(run: () => Value) => BoundedOutcome<Value>;
