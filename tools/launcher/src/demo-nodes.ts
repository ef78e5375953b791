/** A node of the demo chain that is written by the user, as it is stored. */
export interface DemoNode {
  readonly name: string;
  readonly description: string;
  readonly code: string;
}

/** Comes with the release; the catalog knows it by this name. */
export const BUILTIN_NODE_NAME = 'lowercase';

/** `Hello, big World!` to `Hello big World`. */
export const removePunctuation: DemoNode = {
  name: 'remove punctuation',
  description: 'Removes punctuation marks and symbols of every script.',
  code: `\
export default function process(input: string): string {
  return input.replace(/[\\p{Punctuation}\\p{Symbol}]/gu, '');
}
`,
};

/** `Hello big World` to `Word count: 3`. */
export const countWords: DemoNode = {
  name: 'count words',
  description: 'Counts what stands between white space and has a letter or a digit in it, in any script.',
  code: `\
export default function process(input: string): string {
  const words: string[] = input.split(/\\s+/u).filter((word) => /[\\p{Letter}\\p{Number}]/u.test(word));
  return \`Word count: \${words.length}\`;
}
`,
};
