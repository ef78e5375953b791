// Throws an object that throws when it is looked at.
export default () => {
  throw new Proxy(
    {},
    {
      get() {
        throw new Error('ESCAPED');
      },
    },
  );
};
