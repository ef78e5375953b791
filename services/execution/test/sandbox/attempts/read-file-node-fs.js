// Reads a file of the host through node:fs, which needs no permission to be imported.
import { readFileSync } from 'node:fs';

export default () => `ESCAPED ${readFileSync('/etc/passwd', 'utf8')}`;
