// Returns half a character.
// @ts-nocheck
export default (input: string): string => `${input}😀`.slice(0, input.length + 1);
