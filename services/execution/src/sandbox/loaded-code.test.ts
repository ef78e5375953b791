import { expect } from 'chai';
import { LoadedCode } from './loaded-code.js';
import type { SandboxNode } from './sandbox.js';

function aNode(nodeId: string, code = 'x'): SandboxNode {
  const position = { position: 1, attempt: 1, timeoutMs: 1 };
  return { nodeId, nodeRevision: 1, language: 'javascript', code, config: {}, metadata: {}, ...position };
}

const summary = (messages: ReturnType<LoadedCode['prepare']>): string[] =>
  messages.map((message) =>
    message.type === 'load' || message.type === 'unload' ? `${message.type} ${message.codeId}` : '',
  );

describe('LoadedCode', () => {
  it('sends each revision once', () => {
    const loaded = new LoadedCode();

    const first = loaded.prepare([aNode('a'), aNode('b'), aNode('a')]);
    const second = loaded.prepare([aNode('b'), { ...aNode('a'), nodeRevision: 2 }]);

    expect(summary(first)).to.deep.equal(['load a@1', 'load b@1']);
    expect(summary(second)).to.deep.equal(['load a@2']);
  });

  it('sends code as a data URL of its language and in UTF-8', () => {
    const [message] = new LoadedCode().prepare([aNode('a', 'é')]);

    expect(message).to.have.property('moduleUrl', 'data:application/javascript;base64,w6k=');
  });

  it('unloads what was not used for the longest time, and nothing of the trip at hand', () => {
    const loaded = new LoadedCode({ maxBytes: 100 });
    loaded.prepare([aNode('a')]);
    loaded.prepare([aNode('b')]);
    loaded.prepare([aNode('a')]);

    const messages = loaded.prepare([aNode('c', 'x'.repeat(10))]);
    const large = loaded.prepare([aNode('d', 'x'.repeat(1_000)), aNode('e', 'x'.repeat(1_000))]);

    expect(summary(messages)).to.deep.equal(['load c@1', 'unload b@1']);
    expect(summary(large)).to.deep.equal(['load d@1', 'load e@1', 'unload a@1', 'unload c@1']);
  });
});
