/** STS: who the caller is. The schema is written here because the STS client is not among the SDK packages used. */
import type { ServiceDoor } from './service-door.ts';
import { door } from './service-door.ts';
import type { OperationSchema } from './wire/operation.ts';

const NAMESPACE = 'com.amazonaws.sts';

const GET_CALLER_IDENTITY: OperationSchema = [
  9,
  NAMESPACE,
  'GetCallerIdentity',
  0,
  [3, NAMESPACE, 'GetCallerIdentityRequest', 0, [], []],
  [3, NAMESPACE, 'GetCallerIdentityResponse', 0, ['UserId', 'Account', 'Arn'], [0, 0, 0]],
];

export const STS: ServiceDoor = door(
  {
    signingName: 'sts',
    protocol: 'query',
    version: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    invalidCode: 'ValidationError',
    global: true,
  },
  ({ account }) => ({
    operations: {
      GetCallerIdentity: {
        schema: GET_CALLER_IDENTITY,
        handle: () => ({
          UserId: 'AIDASANDBOXSANDBOXSA',
          Account: account.id,
          Arn: `arn:aws:iam::${account.id}:user/sandbox`,
        }),
      },
    },
    constraints: {},
  }),
);
