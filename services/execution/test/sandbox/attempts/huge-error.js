// Throws an error whose message is too long to store and holds a NUL.
export default () => {
  throw new Error(`\0${'€'.repeat(10_000_000)}`);
};
