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
import type { StoredRole } from '../details.ts';
import { readTrust, trusts } from '../iam/trust-policy.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';

/** Gives other accounts of the sandbox that were used before. */
export type AccountAt = (id: string) => Account | undefined;

/**
 * A role that was made in the sandbox's IAM is assumed by whom its trust policy names. Any other can be assumed by
 * everybody, so that nobody has to make roles first. The credentials lead to the role's account, which is what clients
 * that work across accounts need.
 */
export const stsOperations = (account: Account, accountAt: AccountAt): Operations<typeof Sdk> => ({
  GetCallerIdentity: {
    schema: GetCallerIdentity$,
    handle: () => ({
      UserId: 'AIDASANDBOXSANDBOXSA',
      Account: account.id,
      Arn: userOf(account),
    }),
  },
  AssumeRole: {
    schema: AssumeRole$,
    handle: ({ RoleArn = '', RoleSessionName, DurationSeconds, ExternalId }) => {
      const [, id = '', path = ''] = ROLE.exec(RoleArn) ?? [];
      const role = (id === account.id ? account : accountAt(id))?.roles.get(path.split('/').at(-1) ?? '');
      if (role?.arn === RoleArn) checkTrust(account, role, ExternalId, DurationSeconds);
      return session(account, RoleArn, RoleSessionName ?? '', DurationSeconds);
    },
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
const ROLE = /^arn:aws[-\w]*:iam::(\d{12}):role\/(.+)$/;

const userOf = ({ id }: Account): string => `arn:aws:iam::${id}:user/sandbox`;

/** Whether a role does not trust the caller or asks for an external id, AWS says the same. */
const checkTrust = (
  account: Account,
  role: StoredRole,
  externalId: string | undefined,
  seconds = HOUR,
): void => {
  const read = readTrust(role.trust);
  const me = userOf(account);
  const asker = { account: account.id, arn: me, ...(externalId !== undefined && { externalId }) };
  if ('wrong' in read || !trusts(read.trust, asker))
    throw refuse(
      'AccessDenied',
      `User: ${me} is not authorized to perform: sts:AssumeRole on resource: ${role.arn}`,
      403,
    );
  if (seconds > role.longestSession)
    throw refuse(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
};

const session = (account: Account, role: string, name: string, seconds = HOUR) => {
  const [, id, path] = ROLE.exec(role) ?? [];
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
