// Throws outside of its own call, where nobody can catch it.
export default () =>
  new Promise(() => {
    setTimeout(() => {
      throw new Error('thrown from a timer');
    }, 1);
  });
