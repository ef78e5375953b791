/** How a process ended: by exit code or by signal, the other one is null. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}
