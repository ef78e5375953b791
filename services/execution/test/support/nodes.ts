/** The three nodes of the demo chain. */
export const lowercase = { builtin: 'lowercase' };

export const removePunctuation = {
  name: 'remove punctuation',
  typescript: `export default function process(input: string): string {
  return input.replace(/[^\\p{L}\\p{N}\\s]/gu, '');
}`,
};

export const countWords = {
  name: 'count words',
  typescript: `export default function process(input: string): string {
  const words: string[] = input.split(/\\s+/).filter((word) => word !== '');
  return \`Word count: \${words.length}\`;
}`,
};

export const demoChain = [lowercase, removePunctuation, countWords];
