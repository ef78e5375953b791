// Reads the environment with Deno's own API.
export default () => `ESCAPED ${JSON.stringify(Deno.env.toObject())}`;
