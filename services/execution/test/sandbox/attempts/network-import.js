// Asks another machine for code, and so tells it something.
export default async () => `ESCAPED ${Object.keys(await import('https://deno.land/std/version.ts'))}`;
