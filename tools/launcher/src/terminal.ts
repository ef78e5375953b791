/** Where a person reads what happens. */
export interface Terminal {
  /** One line on standard output. */
  line(text?: string): void;
  /** One line on standard error. */
  error(text: string): void;
}

/**
 * The process's own terminal. It may go away (a closed window, the end of a pipe), and then the stack must still be stopped in
 * order, so what can no longer be written is dropped.
 */
export function openTerminal(): Terminal {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return {
    line: (text = '') => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** The first line of a text, cut to `maxLength` characters, for a table. */
export function preview(text: string, maxLength = 60): string {
  const characters = Array.from(text.replaceAll(/\s+/gu, ' '));
  return characters.length <= maxLength
    ? characters.join('')
    : `${characters.slice(0, maxLength - 1).join('')}…`;
}

/** Pads each column to its longest cell. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (longest, row) => row.map((cell, index) => Math.max(longest[index] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  );
}
