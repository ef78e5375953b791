// Ends its own isolate, so that nobody answers.
export default () => {
  globalThis.close();
  return 'ESCAPED';
};
