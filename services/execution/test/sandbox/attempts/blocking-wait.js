// Blocks its thread in the engine instead of in a loop.
export default () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
