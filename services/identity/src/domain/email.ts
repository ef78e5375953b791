import { z } from 'zod';

const MAX_LENGTH = 255;

/**
 * One `@` between printable ASCII characters. An address is a login name here and not checked for mail to arrive; beyond ASCII
 * two addresses that look the same could be two accounts, and PostgreSQL and JavaScript differ in what lower case is.
 */
const EMAIL = /^[!-?A-~]+@[!-?A-~]+$/;

/** The form in which addresses are stored and compared. */
export function normalizeEmail(text: string): string {
  return text.trim().toLowerCase();
}

/** An address as it is typed, which becomes its normal form. */
export const emailSchema = z.string({ error: 'is required' }).transform((text, context) => {
  const email = normalizeEmail(text);
  if (email === '') context.addIssue('is required');
  else if (email.length > MAX_LENGTH) context.addIssue(`must have at most ${MAX_LENGTH} characters`);
  else if (!EMAIL.test(email)) {
    context.addIssue('must be an e-mail address in ASCII characters, such as ada@example.com');
  }
  return email;
});
