// Asks the npm registry for code.
export default async () => `ESCAPED ${Object.keys(await import('npm:left-pad'))}`;
