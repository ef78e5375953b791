// Imports the trusted runner's own main module, which is in the process already.
export default async (input, ctx) => `ESCAPED ${Object.keys(await import(ctx.config.runnerUrl))}`;
