// Starts a program with Deno's own API.
export default () => `ESCAPED ${new Deno.Command('/bin/sh', { args: ['-c', 'id'] }).outputSync().code}`;
