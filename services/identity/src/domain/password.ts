const MIN_LENGTH = 12;
const MAX_LENGTH = 256;
/** Of a password as it arrives. Bounds what is normalised, which may make a text longer. */
export const MAX_PASSWORD_BYTES = 1_024;

/** The form in which a password is counted, hashed and verified, so that it does not matter how a keyboard composes `é`. */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Why a password may not be set for this user, or undefined when it may. Holds nothing of the password itself. */
export function passwordFault(password: string, email: string): string | undefined {
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    return `must have at most ${MAX_PASSWORD_BYTES} bytes in UTF-8`;
  }
  const normalized = normalizePassword(password);
  const length = Array.from(normalized).length;
  if (length < MIN_LENGTH || length > MAX_LENGTH) {
    return `must have ${MIN_LENGTH} to ${MAX_LENGTH} characters after Unicode normalisation (NFKC), and has ${length}`;
  }
  if (normalized.toLowerCase() === email) return 'must not be the e-mail address';
  return undefined;
}
