// Fills memory with WebAssembly memories, which V8's heap limit does not count.
export default () => {
  const kept = [];
  while (true) {
    const memory = new WebAssembly.Memory({ initial: 256 });
    new Uint8Array(memory.buffer).fill(1);
    kept.push(memory);
  }
};
