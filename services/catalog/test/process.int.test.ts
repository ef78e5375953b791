import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createTestDatabase } from '@chain-processor/testing';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

describe('the catalog process', () => {
  it('serves until SIGTERM and then ends with 0', async () => {
    const database = await createTestDatabase({ service: 'catalog' });
    const child = spawn(process.execPath, [MAIN], {
      env: { DATABASE_URL: database.url, IDENTITY_TARGET: '127.0.0.1:1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const log: string[] = [];

    for await (const line of createInterface({ input: child.stdout })) {
      log.push(line);
      if (line.includes('"msg":"listening"')) child.kill('SIGTERM');
    }

    const [code] = (await exited) as unknown[];
    await database.drop();
    expect(code, log.join('\n')).to.equal(0);
    expect(log.join('\n')).to.include('"msg":"stopped"');
    expect(log.join('\n')).not.to.include(database.url);
  });
});
