import type * as Sdk from '@aws-sdk/client-sts';
import {
  AssumeRole$,
  AssumeRoleWithWebIdentity$,
  ExpiredTokenException$,
  GetCallerIdentity$,
  InvalidIdentityTokenException$,
} from '@aws-sdk/client-sts';
import { accessKeyOf } from '../access-key.ts';
import { type Account, nextId } from '../account.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';

/**
 * Any role of any account can be assumed: the sandbox has no IAM. The credentials lead to the role's account, which is
 * what clients that work across accounts need.
 */
export const stsOperations = (account: Account): Operations<typeof Sdk> => ({
  GetCallerIdentity: {
    schema: GetCallerIdentity$,
    handle: () => ({
      UserId: 'AIDASANDBOXSANDBOXSA',
      Account: account.id,
      Arn: `arn:aws:iam::${account.id}:user/sandbox`,
    }),
  },
  AssumeRole: {
    schema: AssumeRole$,
    handle: ({ RoleArn, RoleSessionName, DurationSeconds }) =>
      session(account, RoleArn ?? '', RoleSessionName ?? '', DurationSeconds),
  },
  AssumeRoleWithWebIdentity: {
    schema: AssumeRoleWithWebIdentity$,
    handle: ({ RoleArn, RoleSessionName, DurationSeconds, WebIdentityToken }) => {
      const { sub, aud, iss, exp } = claimsOf(WebIdentityToken ?? '');
      if (typeof exp !== 'number' || exp * 1000 < Date.now())
        throw refuse(ExpiredTokenException$, 'Token expired: the web identity token’s exp claim has passed');
      return {
        ...session(account, RoleArn ?? '', RoleSessionName ?? '', DurationSeconds),
        SubjectFromWebIdentityToken: String(sub),
        Audience: String(Array.isArray(aud) ? aud[0] : aud),
        Provider: String(iss).replace(/^https:\/\//, ''),
      };
    },
  },
});

const HOUR = 3600;

const session = (account: Account, role: string, name: string, seconds = HOUR) => {
  const [, id, path] = /^arn:aws[-\w]*:iam::(\d{12}):role\/(.+)$/.exec(role) ?? [];
  if (id === undefined || path === undefined) throw refuse('ValidationError', `${role} is invalid`);
  const short = path.split('/').at(-1) ?? path;
  const secret = nextId(account, `session ${role} ${name}`, 40);
  return {
    Credentials: {
      AccessKeyId: accessKeyOf(id),
      SecretAccessKey: secret,
      SessionToken: Buffer.from(`${role} ${name} ${secret}`).toString('base64'),
      Expiration: new Date(account.clock.now() + seconds * 1000),
    },
    AssumedRoleUser: {
      AssumedRoleId: `AROA${nextId(account, `role ${role}`, 17).toUpperCase()}:${name}`,
      Arn: `arn:aws:sts::${id}:assumed-role/${short}/${name}`,
    },
  };
};

/** What a token says; whether its provider signed it is not looked at, as the sandbox knows no providers. */
const claimsOf = (token: string): Readonly<Record<string, unknown>> => {
  try {
    const parts = token.split('.');
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString());
    if (parts.length === 3 && typeof claims === 'object' && claims !== null) return { ...claims };
  } catch {
    // Told below.
  }
  throw refuse(
    InvalidIdentityTokenException$,
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an access token)',
  );
};
