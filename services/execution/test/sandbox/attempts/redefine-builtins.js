// Overrides what the bridge in its isolate might use, so that its answer looks different from what was returned.
export default () => {
  JSON.stringify = () => 'ESCAPED';
  Array.isArray = () => true;
  String.prototype.slice = () => 'ESCAPED';
  Function.prototype.call =
    Function.prototype.apply =
    Function.prototype.bind =
      () => () =>
        'ESCAPED';
  Promise.prototype.then = () => 'ESCAPED';
  Object.prototype.outputText = 'ESCAPED';
  Object.defineProperty(Object.prototype, 'output', { get: () => 'ESCAPED', set() {} });
  return 42;
};
