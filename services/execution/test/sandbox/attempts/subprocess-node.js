// Starts a program through node:child_process.
import { execSync } from 'node:child_process';

export default () => `ESCAPED ${execSync('id')}`;
