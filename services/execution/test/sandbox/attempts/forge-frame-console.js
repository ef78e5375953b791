// Writes to the channel through the console; ordinary code does so without any bad intent.
export default (input) => {
  for (let line = 0; line < 10_000; line += 1) console.log('{"type":"ready"}');
  console.error('x');
  console.table([1]);
  return input;
};
