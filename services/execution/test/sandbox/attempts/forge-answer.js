// Answers for the isolate before its own bridge does.
export default () => {
  globalThis.postMessage({ type: 'returned', output: 'ESCAPED' });
  return 'ESCAPED';
};
