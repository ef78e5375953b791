// Changes the prototypes that all code of its realm shares, for a neighbour to trip over.
export default (input) => {
  String.prototype.toUpperCase = () => 'ESCAPED';
  Object.prototype.polluted = 'ESCAPED';
  Array.prototype[Symbol.iterator] = function* () {
    yield 'ESCAPED';
  };
  return input;
};
