// Gets node:fs without an import.
export default () =>
  `ESCAPED ${globalThis.process.getBuiltinModule('node:fs').readFileSync('/etc/passwd', 'utf8')}`;
