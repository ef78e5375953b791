// Returns in time and leaves a loop behind that would burn a core for ever.
export default (input) => {
  setTimeout(() => {
    while (true);
  }, 10);
  return input;
};
