import { expect } from 'chai';
import { RpcError, Status } from '@chain-processor/client';
import { describeError } from './describe-error.js';

describe('describeError', () => {
  it('tells what led to an error', () => {
    const error = new Error('the stack did not start', { cause: new Error('the disk is full') });

    expect(describeError(error)).to.equal('the stack did not start\n  caused by: the disk is full');
  });

  it('does not repeat itself', () => {
    const error = new Error('the disk is full', { cause: new Error('the disk is full') });

    expect(describeError(error)).to.equal('the disk is full');
  });

  it('names the method and the reason of a call that failed', () => {
    const error = new RpcError({
      method: '/test.Service/Method',
      code: Status.NOT_FOUND,
      reason: 'NODE_NOT_FOUND',
      message: 'there is no node with this id',
      requestId: 'id',
      cause: new Error('5 NOT_FOUND: there is no node with this id'),
    });

    expect(describeError(error)).to.equal(
      '/test.Service/Method failed with NODE_NOT_FOUND: there is no node with this id',
    );
  });

  it('shows what is not an error', () => {
    expect(describeError('aborted')).to.equal('aborted');
  });
});
