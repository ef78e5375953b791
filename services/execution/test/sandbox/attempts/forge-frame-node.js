// Writes to the channel through node:process.
import { stdout } from 'node:process';

export default () => {
  stdout.write('ESCAPED');
  return 'ESCAPED';
};
