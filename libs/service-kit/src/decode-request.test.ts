import { expect } from 'chai';
import { z } from 'zod';
import { FieldInvalidError } from '@chain-processor/errors';
import { decodeRequest } from './decode-request.js';
import { requestId, resourceId, text } from './request-fields.js';

const schema = z.object({
  fullName: text({ minLength: 1, maxLength: 3 }),
  parentIds: z.array(resourceId()),
  requestId: requestId(),
});

const ID = '0190a5c2-7b1e-7cc3-8f00-5f0c1c2d3e4f';

function violationsOf(request: unknown): readonly { field: string; description: string }[] {
  try {
    decodeRequest(schema, request);
  } catch (error) {
    if (error instanceof FieldInvalidError) return error.fieldViolations;
    throw error;
  }
  return [];
}

describe('decodeRequest', () => {
  it('gives ids in lower case and an empty request_id as absent', () => {
    const decoded = decodeRequest(schema, { fullName: 'Ada', parentIds: [ID.toUpperCase()], requestId: '' });

    expect(decoded).to.deep.equal({ fullName: 'Ada', parentIds: [ID], requestId: undefined });
  });

  it('reports all violations at once, with paths in proto spelling', () => {
    const violations = violationsOf({ fullName: '', parentIds: [ID, 'x', ''], requestId: 'y' });

    expect(violations.map(({ field }) => field)).to.deep.equal([
      'full_name',
      'parent_ids[1]',
      'parent_ids[2]',
      'request_id',
    ]);
    expect(violations[0]?.description).to.equal('is required');
    expect(violations[2]?.description).to.equal('is required');
    expect(violations[3]?.description).to.match(/^must be a UUID/);
  });

  it('counts characters and not code units', () => {
    expect(violationsOf({ fullName: '👍👍👍', parentIds: [], requestId: '' })).to.deep.equal([]);
    expect(violationsOf({ fullName: '👍👍👍👍', parentIds: [], requestId: '' })).to.have.length(1);
  });

  it('refuses NUL', () => {
    const [violation] = violationsOf({ fullName: 'a\0', parentIds: [], requestId: '' });

    expect(violation?.description).to.equal('must not contain the character U+0000');
  });
});
