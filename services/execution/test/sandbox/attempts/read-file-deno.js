// Reads a file of the host with Deno's own API.
export default () => `ESCAPED ${Deno.readTextFileSync('/etc/passwd')}`;
