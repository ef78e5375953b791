import { expect } from 'chai';
import { Status } from 'nice-grpc-common';
import { DependencyUnavailableError, FieldInvalidError, toRpcError } from './index.js';

describe('toRpcError', () => {
  it('carries the reason, the domain and every field violation', () => {
    const error = new FieldInvalidError([
      { field: 'input_text', description: 'must not be empty' },
      { field: 'strategy_id', description: 'must be a UUID' },
    ]);

    const rpcError = toRpcError(error);

    expect(rpcError.code).to.equal(Status.INVALID_ARGUMENT);
    expect(rpcError.details).to.equal('input_text: must not be empty; strategy_id: must be a UUID');
    expect(rpcError.extra).to.deep.include.members([
      {
        $type: 'google.rpc.ErrorInfo',
        reason: 'FIELD_INVALID',
        domain: 'chainprocessor',
        metadata: { fields: 'input_text,strategy_id' },
      },
    ]);
    expect(rpcError.extra[1]).to.have.nested.property('fieldViolations[1].field', 'strategy_id');
  });

  it('says when to try again and never shows the cause', () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.7:5432');

    const rpcError = toRpcError(new DependencyUnavailableError('database', cause));

    expect(rpcError.details).to.equal('database is not available at the moment; try again');
    expect(rpcError.extra[1]).to.have.property('retryDelay').that.includes({ seconds: 1, nanos: 0 });
    expect(JSON.stringify(rpcError.extra)).to.not.include('10.0.0.7');
  });

  it('stays within what clients read of trailers, and says what it left out', () => {
    const violations = Array.from({ length: 100 }, (_, index) => ({
      field: `nodes[${index}].config["${'ä'.repeat(5_000)}"]`,
      description: 'ö'.repeat(5_000),
    }));

    const rpcError = toRpcError(new FieldInvalidError(violations));

    const [info, badRequest] = rpcError.extra;
    expect(encodeURI(rpcError.details).length).to.be.below(1_600);
    expect(Buffer.byteLength(JSON.stringify(rpcError.extra))).to.be.below(4_000);
    expect(rpcError.details).to.match(/ä…$/);
    expect(badRequest).to.have.property('fieldViolations').with.lengthOf(4);
    expect(info).to.have.nested.property('metadata.omitted_violations', '96');
  });
});
