import { expect } from 'chai';
import { formatTable, preview } from './terminal.js';

describe('preview', () => {
  it('shows a text on one line', () => {
    expect(preview('one\n  two\tthree')).to.equal('one two three');
  });

  it('cuts a long text between characters, never inside one', () => {
    expect(preview('💥💥💥💥', 3)).to.equal('💥💥…');
  });
});

describe('formatTable', () => {
  it('lines its columns up', () => {
    expect(
      formatTable([
        ['1', 'a'],
        ['10', 'b'],
      ]),
    ).to.deep.equal(['  1   a', '  10  b']);
  });
});
