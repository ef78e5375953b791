import { expect } from 'chai';
import { InvariantError } from '@chain-processor/errors';
import { eventId, eventSubject, eventType, notifySubject } from './event-names.js';

describe('event names', () => {
  it('have the documented forms', () => {
    expect(eventSubject('catalog', 'node_changed', 'a-1')).to.equal('chain.catalog.v1.node_changed.a-1');
    expect(eventType('identity', 'user_changed')).to.equal('com.chainprocessor.identity.user_changed.v1');
    expect(eventId('a-1', 12)).to.equal('a-1:12');
    expect(notifySubject('a-1')).to.equal('chain.notify.v1.execution.a-1');
  });

  for (const token of ['', '*', '>', 'a.b', 'a b', 'a\r\nb']) {
    it(`refuse ${JSON.stringify(token)}, which would address other subjects`, () => {
      expect(() => eventSubject('execution', 'queued', token)).to.throw(InvariantError);
      expect(() => notifySubject(token)).to.throw(InvariantError);
    });
  }
});
