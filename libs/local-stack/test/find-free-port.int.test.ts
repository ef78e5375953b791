import { expect } from 'chai';
import { findFreePort } from '../src/index.js';
import { occupyPort } from './occupy-port.js';

describe('findFreePort', () => {
  it('returns the preferred port if it is free', async () => {
    const occupied = await occupyPort();
    await occupied.release();

    expect(await findFreePort({ preferred: occupied.port })).to.equal(occupied.port);
  });

  it('returns another port if the preferred one is taken', async () => {
    const occupied = await occupyPort();

    const port = await findFreePort({ preferred: occupied.port });
    await occupied.release();

    expect(port).to.be.greaterThan(0).and.not.equal(occupied.port);
  });

  it('returns a different port at every call', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => findFreePort()));

    expect(new Set(ports).size).to.equal(50);
  });
});
