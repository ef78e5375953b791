/** What an isolate is asked to run. */
export interface IsolateStep {
  readonly input: string;
  readonly config: unknown;
  readonly metadata: unknown;
  readonly executionId: string;
  readonly position: number;
  readonly attempt: number;
}

export type ToIsolate =
  | { readonly type: 'open'; readonly moduleUrl: string; readonly maxOutputLength: number }
  | { readonly type: 'step'; readonly step: IsolateStep }
  | { readonly type: 'abort' };

/** What an isolate answers. It shares its realm with user code, so every field is checked and none is trusted. */
export type FromIsolate =
  | { readonly type: 'ready' }
  | { readonly type: 'returned'; readonly output: string }
  | { readonly type: 'tooLong'; readonly length: number }
  | { readonly type: 'notText'; readonly found: string }
  | { readonly type: 'noFunction'; readonly found: string }
  | {
      readonly type: 'threw';
      readonly isLoading: boolean;
      readonly name: string;
      readonly message: string;
      readonly stack: string;
    };

/** Undefined for anything that is no answer. */
export function decodeFromIsolate(value: unknown): FromIsolate | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, output, length, found, isLoading, name, message, stack } = value as Record<string, unknown>;
  if (type === 'ready') return { type };
  if (type === 'returned' && typeof output === 'string') return { type, output };
  if (type === 'tooLong' && typeof length === 'number') return { type, length };
  if ((type === 'notText' || type === 'noFunction') && typeof found === 'string') return { type, found };
  if (
    type === 'threw' &&
    typeof isLoading === 'boolean' &&
    typeof name === 'string' &&
    typeof message === 'string' &&
    typeof stack === 'string'
  ) {
    return { type, isLoading, name, message, stack };
  }
  return undefined;
}
