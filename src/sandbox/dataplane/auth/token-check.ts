import { verify } from 'node:crypto';
import type { JwtValidationActionAdditionalClaim } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { JwtGate } from './gate.ts';
import { type JsonWebToken, readToken } from './json-web-token.ts';
import type { KeySets } from './key-sets.ts';
import type { AuthFailure } from './log-in.ts';

/**
 * Checks the bearer token of a request: RS256 by a key of the endpoint's set, `iss` and `exp`, `nbf` and `iat` where the
 * token has them, and the rule's further claims (AWS documentation). Undefined when it may pass.
 */
export const checkToken = async (
  keys: KeySets,
  gate: JwtGate,
  authorization: readonly string[],
): Promise<AuthFailure | undefined> => {
  const [header] = authorization;
  if (header === undefined) return refused('JWTHeaderNotPresent', 'no Authorization header');
  const token = /^bearer +(\S+)$/i.exec(header)?.[1];
  const read = token === undefined ? undefined : readToken(token);
  if (read === undefined || authorization.length > 1)
    return refused('JWTRequestFormatInvalid', 'Authorization is not one bearer token');
  if (read.header.alg !== 'RS256')
    return refused('JWTSignatureValidationError', `alg is '${read.header.alg}', expected 'RS256'`);
  const keyId = typeof read.header.kid === 'string' ? read.header.kid : undefined;
  const found = await keys.find(gate.jwksEndpoint, keyId);
  if ('status' in found) return found;
  if (!found.some((key) => verify('sha256', Buffer.from(read.signed), key, read.signature)))
    return refused(
      'JWTSignatureValidationError',
      `the signature is not by a key of ${gate.jwksEndpoint} (kid '${keyId}')`,
    );
  return checkTimes(gate, read) ?? checkClaims(gate.claims, read);
};

const refused = (reason: string, why: string): AuthFailure => ({ status: 401, reason, why });

/** Against real time: issuers on loopback know no other. */
const checkTimes = (gate: JwtGate, { claims }: JsonWebToken): AuthFailure | undefined => {
  const now = Date.now() / 1000;
  if (claims.iss === undefined) return refused('JWTClaimNotPresent', 'no claim iss');
  if (claims.iss !== gate.issuer)
    return refused('JWTClaimValueInvalid', `iss is '${claims.iss}', expected '${gate.issuer}'`);
  if (claims.exp === undefined) return refused('JWTClaimNotPresent', 'no claim exp');
  for (const name of ['exp', 'nbf', 'iat'] as const) {
    const value = claims[name];
    if (value === undefined) continue;
    if (typeof value !== 'number') return refused('JWTClaimFormatInvalid', `claim ${name} is not a number`);
    const holds = name === 'exp' ? value > now : value <= now;
    if (!holds)
      return refused('JWTClaimValueInvalid', `claim ${name} is ${value}, now is ${Math.floor(now)}`);
  }
  return undefined;
};

const checkClaims = (
  wanted: readonly JwtValidationActionAdditionalClaim[],
  { claims }: JsonWebToken,
): AuthFailure | undefined => {
  for (const { Name: name = '', Format: format, Values: values = [] } of wanted) {
    const given = claims[name];
    if (given === undefined) return refused('JWTClaimNotPresent', `no claim ${name}`);
    const has = valuesOf(format, given);
    if (has === undefined) return refused('JWTClaimFormatInvalid', `claim ${name} is not a ${format}`);
    const fits =
      format === 'single-string'
        ? values.some((value) => has.includes(value))
        : values.every((value) => has.includes(value));
    if (!fits)
      return refused('JWTClaimValueInvalid', `claim ${name} is '${given}', expected '${values.join(' ')}'`);
  }
  return undefined;
};

/** Undefined when the claim has another shape than the rule says. */
const valuesOf = (format: string | undefined, given: unknown): readonly unknown[] | undefined => {
  if (format === 'string-array') return Array.isArray(given) ? given : undefined;
  if (typeof given !== 'string') return undefined;
  return format === 'space-separated-values' ? given.split(' ') : [given];
};
