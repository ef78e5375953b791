import { expect } from 'chai';
import { isConnectionFailure, isTransactionConflict, isUniqueViolation, sqlStateOf } from './sql-state.js';

function driverError(code: string, fields: object = {}): Error {
  return Object.assign(new Error('from PostgreSQL'), { code, ...fields });
}

function wrapped(parent: unknown, name = 'SequelizeDatabaseError'): Error {
  return Object.assign(new Error('from Sequelize'), { name, parent });
}

describe('sqlStateOf', () => {
  it('finds the state below the wrappers of Sequelize and of our own errors', () => {
    const error = new Error('ours', { cause: wrapped(driverError('40001')) });

    expect(sqlStateOf(error)).to.equal('40001');
  });

  for (const other of [
    undefined,
    null,
    '40001',
    new Error('40001'),
    driverError('ECONNRESET'),
    driverError('EPIPE'),
  ]) {
    it(`finds none in ${String(other)} (${other instanceof Error && 'code' in other ? String(other.code) : 'no code'})`, () => {
      expect(sqlStateOf(other)).to.equal(undefined);
    });
  }

  it('does not follow a circle of causes for ever', () => {
    const error = new Error('circle');
    error.cause = error;

    expect(sqlStateOf(error)).to.equal(undefined);
  });
});

describe('isUniqueViolation', () => {
  it('asks for the very constraint', () => {
    const error = wrapped(driverError('23505', { constraint: 'ix_users_email' }));

    expect(isUniqueViolation(error, 'ix_users_email')).to.equal(true);
    expect(isUniqueViolation(error, 'ix_users')).to.equal(false);
  });

  it('is not fooled by another violation of a constraint with that name', () => {
    expect(
      isUniqueViolation(driverError('23514', { constraint: 'ix_users_email' }), 'ix_users_email'),
    ).to.equal(false);
  });
});

describe('isConnectionFailure', () => {
  for (const code of ['08006', '53300', '57P01', '57P03', '57014', '25006', 'ECONNREFUSED', 'EPIPE']) {
    it(`is true for ${code}`, () => {
      expect(isConnectionFailure(wrapped(driverError(code)))).to.equal(true);
    });
  }

  for (const code of ['23505', '42P01', '40001', '25P02', '22021', 'ENOENT']) {
    it(`is false for ${code}`, () => {
      expect(isConnectionFailure(wrapped(driverError(code)))).to.equal(false);
    });
  }

  it('is true for every failure to connect, a refused password included', () => {
    expect(isConnectionFailure(wrapped(driverError('28P01'), 'SequelizeConnectionError'))).to.equal(true);
    expect(isConnectionFailure(wrapped(undefined, 'SequelizeConnectionAcquireTimeoutError'))).to.equal(true);
  });

  it('is false for a text that merely speaks of a connection', () => {
    expect(isConnectionFailure(new Error('Connection terminated, said the user'))).to.equal(false);
  });
});

describe('isTransactionConflict', () => {
  it('is true for serialization failures and deadlocks only', () => {
    const states = ['40001', '40P01', '55P03', '23505'].filter((state) =>
      isTransactionConflict(driverError(state)),
    );

    expect(states).to.deep.equal(['40001', '40P01']);
  });
});
