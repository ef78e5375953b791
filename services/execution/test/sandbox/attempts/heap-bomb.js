// Fills the JavaScript heap.
export default () => {
  const kept = [];
  while (true) kept.push({ index: kept.length, values: [1, 2, 3] });
};
