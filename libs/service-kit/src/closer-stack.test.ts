import { expect } from 'chai';
import { CloserStack } from './closer-stack.js';
import { createLogger } from './logger.js';

describe('CloserStack', () => {
  it('closes in reverse order, once, and goes on after a closer that fails', async () => {
    const closed: string[] = [];
    const lines: string[] = [];
    const logger = createLogger({
      service: 'test',
      level: 'error',
      destination: { write: (line) => lines.push(line) },
    });
    const closers = new CloserStack({ logger });
    closers.push('database', () => void closed.push('database'));
    closers.push('broker', () => Promise.reject(new Error('broker gone')));
    closers.push('server', async () => void closed.push('server'));

    await Promise.all([closers.close(), closers.close()]);

    expect(closed).to.deep.equal(['server', 'database']);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include('"resource":"broker"').and.include('broker gone');
  });
});
