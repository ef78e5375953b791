/** Receives one progress line for a person, without a line break. */
export type LogLine = (line: string) => void;
