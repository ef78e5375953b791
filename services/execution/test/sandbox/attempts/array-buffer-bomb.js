// Fills memory with array buffers, which V8's heap limit does not count.
export default () => {
  const kept = [];
  while (true) kept.push(new Uint8Array(16_000_000).fill(1));
};
