// Reads the environment through node:process.
export default async () => `ESCAPED ${JSON.stringify((await import('node:process')).env)}`;
