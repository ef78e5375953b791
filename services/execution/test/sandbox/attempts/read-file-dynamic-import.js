// Reads a file of the host by a dynamic text import at run time.
export default async () =>
  `ESCAPED ${(await import('file:///etc/passwd', { with: { type: 'text' } })).default}`;
