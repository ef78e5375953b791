// Swallows what the host sends to the runner, in order to learn the keys of the channel.
export default () => {
  const bytes = new Uint8Array(64);
  Deno.stdin.readSync(bytes);
  return `ESCAPED ${bytes}`;
};
