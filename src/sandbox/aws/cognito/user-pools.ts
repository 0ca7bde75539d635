/** User pools and their clients, as far as the authentication actions of load balancers look at them. No users live here. */

import type * as Sdk from '@aws-sdk/client-cognito-identity-provider';
import type { UserPoolClientType, UserPoolType } from '@aws-sdk/client-cognito-identity-provider';
import {
  CreateUserPool$,
  CreateUserPoolClient$,
  CreateUserPoolDomain$,
  DeleteUserPool$,
  DeleteUserPoolClient$,
  DescribeUserPool$,
  DescribeUserPoolClient$,
  InvalidParameterException$,
  ResourceNotFoundException$,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Account } from '../account.ts';
import { arn, nextId } from '../account.ts';
import type { StoredUserPool } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';

export const cognitoOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateUserPool: {
    schema: CreateUserPool$,
    handle: (input) => ({ UserPool: describe(createPool(account, input)) }),
  },
  DescribeUserPool: {
    schema: DescribeUserPool$,
    handle: ({ UserPoolId }) => ({ UserPool: describe(poolAt(account, UserPoolId)) }),
  },
  DeleteUserPool: {
    schema: DeleteUserPool$,
    handle: ({ UserPoolId }) => {
      account.serving.userPools.delete(poolAt(account, UserPoolId).Id);
      return {};
    },
  },
  CreateUserPoolDomain: {
    schema: CreateUserPoolDomain$,
    handle: ({ UserPoolId, Domain, CustomDomainConfig }) => {
      if (CustomDomainConfig !== undefined) throw notServed('custom domains of user pools');
      const taken = [...account.serving.userPools.values()].some((pool) => pool.Domain === Domain);
      if (taken) throw refuse(InvalidParameterException$, `Domain ${Domain} already associated.`);
      poolAt(account, UserPoolId).Domain = Domain;
      return {};
    },
  },
  CreateUserPoolClient: {
    schema: CreateUserPoolClient$,
    handle: (input) => ({ UserPoolClient: createClient(account, input) }),
  },
  DescribeUserPoolClient: {
    schema: DescribeUserPoolClient$,
    handle: ({ UserPoolId, ClientId }) => ({
      UserPoolClient: clientAt(poolAt(account, UserPoolId), ClientId),
    }),
  },
  DeleteUserPoolClient: {
    schema: DeleteUserPoolClient$,
    handle: ({ UserPoolId, ClientId }) => {
      const pool = poolAt(account, UserPoolId);
      clientAt(pool, ClientId);
      pool.clients.delete(ClientId);
      return {};
    },
  },
});

const describe = ({ clients: _, ...pool }: StoredUserPool): UserPoolType => pool;

const poolAt = (account: Account, id: string): StoredUserPool => {
  const found = account.serving.userPools.get(id);
  if (found === undefined) throw refuse(ResourceNotFoundException$, `User pool ${id} does not exist.`);
  return found;
};

const clientAt = ({ clients }: StoredUserPool, id: string): UserPoolClientType => {
  const found = clients.get(id);
  if (found === undefined) throw refuse(ResourceNotFoundException$, `User pool client ${id} does not exist.`);
  return found;
};

const createPool = (account: Account, input: InputOf<typeof Sdk, 'CreateUserPool'>): StoredUserPool => {
  const [used] = Object.keys(input).filter((name) => name !== 'PoolName' && name !== 'UserPoolTags');
  if (used !== undefined) throw notServed(`the setting '${used}' of user pools`);
  const Id = `${account.region}_${nextId(account, `user-pool/${input.PoolName}`, 9)}`;
  const now = new Date(account.clock.now());
  const pool: StoredUserPool = {
    Id,
    Name: input.PoolName,
    Arn: arn(account, 'cognito-idp', `userpool/${Id}`),
    CreationDate: now,
    LastModifiedDate: now,
    MfaConfiguration: 'OFF',
    UserPoolTags: input.UserPoolTags ?? {},
    clients: new Map(),
  };
  account.serving.userPools.set(Id, pool);
  return pool;
};

const createClient = (
  account: Account,
  input: InputOf<typeof Sdk, 'CreateUserPoolClient'>,
): UserPoolClientType => {
  const pool = poolAt(account, input.UserPoolId);
  const { GenerateSecret: generate, ClientSecret: secret, ...settings } = input;
  if (generate === true && secret !== undefined)
    throw refuse(InvalidParameterException$, 'GenerateSecret and ClientSecret cannot be given together');
  const ClientId = nextId(account, `user-pool-client/${pool.Id}/${input.ClientName}`, 26);
  const made = generate === true ? nextId(account, `user-pool-client-secret/${ClientId}`, 51) : secret;
  const now = new Date(account.clock.now());
  const client: UserPoolClientType = {
    ...settings,
    ClientId,
    ...(made === undefined ? {} : { ClientSecret: made }),
    CreationDate: now,
    LastModifiedDate: now,
  };
  pool.clients.set(ClientId, client);
  return client;
};
