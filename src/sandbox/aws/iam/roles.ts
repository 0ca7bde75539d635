/** Roles of IAM: who may assume them. What a role may do is not asked here: everything is permitted. */
import type * as Sdk from '@aws-sdk/client-iam';
import {
  CreateRole$,
  DeleteRole$,
  EntityAlreadyExistsException$,
  GetRole$,
  MalformedPolicyDocumentException$,
  NoSuchEntityException$,
  UpdateAssumeRolePolicy$,
} from '@aws-sdk/client-iam';
import type { Account } from '../account.ts';
import { nextId } from '../account.ts';
import type { StoredRole } from '../details.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { readTrust } from './trust-policy.ts';

export const roleOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateRole: {
    schema: CreateRole$,
    handle: ({ RoleName: name, Path: path = '/', AssumeRolePolicyDocument: trust, MaxSessionDuration }) => {
      if (account.roles.has(name))
        throw refuse(EntityAlreadyExistsException$, `Role with name ${name} already exists.`, 409);
      checkTrust(trust);
      const role: StoredRole = {
        name,
        id: `AROA${nextId(account, `role/${name}`, 17).toUpperCase()}`,
        arn: `arn:aws:iam::${account.id}:role${path}${name}`,
        path,
        createdAt: new Date(account.clock.now()),
        longestSession: MaxSessionDuration ?? 3600,
        trust,
      };
      account.roles.set(name, role);
      return { Role: described(role) };
    },
  },
  GetRole: {
    schema: GetRole$,
    handle: ({ RoleName }) => ({ Role: described(roleNamed(account, RoleName)) }),
  },
  UpdateAssumeRolePolicy: {
    schema: UpdateAssumeRolePolicy$,
    handle: ({ RoleName, PolicyDocument }) => {
      const role = roleNamed(account, RoleName);
      checkTrust(PolicyDocument);
      role.trust = PolicyDocument;
      return {};
    },
  },
  DeleteRole: {
    schema: DeleteRole$,
    handle: ({ RoleName }) => {
      account.roles.delete(roleNamed(account, RoleName).name);
      return {};
    },
  },
});

const roleNamed = (account: Account, name: string): StoredRole => {
  const found = account.roles.get(name);
  if (found === undefined)
    throw refuse(NoSuchEntityException$, `The role with name ${name} cannot be found.`, 404);
  return found;
};

const checkTrust = (document: string): void => {
  const read = readTrust(document);
  if ('wrong' in read) throw refuse(MalformedPolicyDocumentException$, read.wrong);
};

const described = ({ name, id, arn, path, createdAt, longestSession, trust }: StoredRole) => ({
  RoleName: name,
  RoleId: id,
  Arn: arn,
  Path: path,
  CreateDate: createdAt,
  MaxSessionDuration: longestSession,
  // IAM gives policies URL-encoded (RFC 3986).
  AssumeRolePolicyDocument: encodeURIComponent(trust),
});
