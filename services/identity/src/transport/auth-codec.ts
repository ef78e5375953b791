import { z } from 'zod';
import type { Jwk, LoginRequest, LoginResponse } from '@chain-processor/proto/identity';
import { ACCESS_TOKEN_ALGORITHM } from '@chain-processor/auth';
import { decodeRequest, text } from '@chain-processor/service-kit';
import { normalizeEmail } from '../domain/email.js';
import { MAX_PASSWORD_BYTES } from '../domain/password.js';
import type { SigningKey } from '../domain/signing-key.js';
import type { LoginCommand, LoginResult } from '../usecases/login.js';
import { toProtoUser } from './user-codec.js';

/** Only what keeps the work bounded: an address or password that nobody can have is simply not the right one. */
const loginSchema = z.object({
  email: text({ minLength: 1, maxLength: 255 }).transform(normalizeEmail),
  password: z
    .string()
    .min(1, 'is required')
    .refine((value) => Buffer.byteLength(value) <= MAX_PASSWORD_BYTES, {
      error: `must have at most ${MAX_PASSWORD_BYTES} bytes in UTF-8`,
    }),
});

/** @throws FieldInvalidError */
export function decodeLogin(request: LoginRequest): LoginCommand {
  return decodeRequest(loginSchema, request);
}

export function toLoginResponse({ user, accessToken }: LoginResult): LoginResponse {
  return {
    accessToken: accessToken.token,
    accessTokenExpireTime: accessToken.expireTime,
    refreshToken: '',
    refreshTokenExpireTime: undefined,
    user: toProtoUser(user),
  };
}

export function toProtoJwk({ kid, publicKey }: SigningKey): Jwk {
  return { kid, ...publicKey, alg: ACCESS_TOKEN_ALGORITHM, use: 'sig' };
}
