// Returns an object that claims to be a string.
export default () => ({ toString: () => 'ESCAPED', [Symbol.toPrimitive]: () => 'ESCAPED' });
