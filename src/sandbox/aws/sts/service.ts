/** STS: who the caller is, and credentials for roles. */
import type { ServiceDoor } from '../service-door.ts';
import { lateDoor } from '../service-door.ts';

const ROLE_ARN = { min: 20, max: 2048 };
const SESSION = { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ };
const SECONDS = { min: 900, max: 43_200 };

export const STS: ServiceDoor = lateDoor(
  {
    signingName: 'sts',
    protocol: 'query',
    version: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    invalidCode: 'ValidationError',
    global: true,
  },
  async () => {
    const { stsOperations } = await import('./operations.ts');
    return ({ account, accountAt = () => undefined }) => ({
      operations: stsOperations(account, accountAt),
      constraints: {
        'AssumeRoleRequest.RoleArn': ROLE_ARN,
        'AssumeRoleRequest.RoleSessionName': SESSION,
        'AssumeRoleRequest.DurationSeconds': SECONDS,
        'AssumeRoleRequest.ExternalId': { min: 2, max: 1224, pattern: /^[\w+=,.@:/-]*$/ },
        'AssumeRoleWithWebIdentityRequest.RoleArn': ROLE_ARN,
        'AssumeRoleWithWebIdentityRequest.RoleSessionName': SESSION,
        'AssumeRoleWithWebIdentityRequest.DurationSeconds': SECONDS,
        'AssumeRoleWithWebIdentityRequest.WebIdentityToken': { min: 4, max: 20_000 },
      },
    });
  },
);
