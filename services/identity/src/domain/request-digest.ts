import { digestOfJson } from '@chain-processor/canonical-json';
import type { UserProfile } from './user.js';

/**
 * SHA-256 of what CreateUser asks for, so that neither the order of keys nor that of roles makes a repetition look like another
 * request. Without the password: a fast digest of it would undo its slow hash.
 */
export function digestOfProfile(profile: UserProfile): Buffer {
  const { email, fullName, isSuperuser, roles, preferences } = profile;
  return digestOfJson({ email, fullName, isSuperuser, roles: [...roles].sort(), preferences });
}
