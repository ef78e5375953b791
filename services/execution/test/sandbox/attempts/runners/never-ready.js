// Stands in for the runner: never says that it is ready.
await Deno.stdin.read(new Uint8Array(1));
await new Promise(() => setInterval(() => {}, 1_000));
