/** Permissions of ours in security groups of nodes. Opens before it closes; touches nothing that does not bear our mark. */
import {
  AuthorizeSecurityGroupIngressCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import type { Resource } from '../../core/model/resource.ts';
import {
  accessDescription,
  type PortRange,
  stackOfAccess,
  type TargetAccessSpec,
} from '../../core/model/target-access.ts';
import type { Attempt } from '../../core/ports.ts';
import { awsError, means } from '../errors.ts';
import type { Driver, Site, Update } from './driver.ts';

/** What a stack may do in a group: `source` as EC2 says it. */
export type FoundAccess = {
  readonly group: `sg-${string}`;
  readonly source: `sg-${string}`;
  readonly ports: readonly PortRange[];
};

/** The permissions of a stack in these groups. */
export const accessIn = (groups: readonly SecurityGroup[], stack: string): readonly FoundAccess[] =>
  groups.flatMap((group) => {
    const found = (group.IpPermissions ?? []).flatMap(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) =>
      IpProtocol === 'tcp' && FromPort !== undefined && ToPort !== undefined
        ? (UserIdGroupPairs ?? [])
            .filter((pair) => stackOfAccess(pair.Description) === stack)
            .map(({ GroupId = '' }) => ({ source: GroupId, range: { from: FromPort, to: ToPort } }))
        : [],
    );
    return [...Map.groupBy(found, ({ source }) => source)].map(([source, of]) => ({
      group: group.GroupId as `sg-${string}`,
      source: source as `sg-${string}`,
      ports: of.map(({ range }) => range).toSorted((a, b) => a.from - b.from || a.to - b.to),
    }));
  });

const stackOf = ({ key }: Resource<'target-access'>): string =>
  key.slice(key.indexOf('/') + 1).replace(/~.*$/, '');

type Side = { readonly spec: TargetAccessSpec; readonly stack: string; readonly source: string };

const permissionsOf = ({ stack, source }: Side, ports: readonly PortRange[]): IpPermission[] =>
  ports.map(({ from, to }) => ({
    IpProtocol: 'tcp',
    FromPort: from,
    ToPort: to,
    UserIdGroupPairs: [{ GroupId: source, Description: accessDescription(stack) }],
  }));

/** One call for each range: AWS refuses a whole call for one permission that is there already. */
const open = async (side: Side, ports: readonly PortRange[], { account }: Site): Promise<void> => {
  for (const range of ports)
    try {
      await account.clients.ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: side.spec.group,
          IpPermissions: permissionsOf(side, [range]),
        }),
      );
    } catch (thrown) {
      if (awsError(thrown).code !== 'InvalidPermission.Duplicate') throw thrown;
    }
};

const close = async (side: Side, ports: readonly PortRange[], { account }: Site): Promise<void> => {
  for (const range of ports)
    try {
      await account.clients.ec2.send(
        new RevokeSecurityGroupIngressCommand({
          GroupId: side.spec.group,
          IpPermissions: permissionsOf(side, [range]),
        }),
      );
    } catch (thrown) {
      if (awsError(thrown).code !== 'InvalidPermission.NotFound' && !means(thrown, 'gone')) throw thrown;
    }
};

const sideOf = (resource: Resource<'target-access'>, site: Site): Side => {
  const { source } = resource.spec;
  const id = source.startsWith('security-group/') ? site.id(source as `security-group/${string}`) : source;
  return { spec: resource.spec, stack: stackOf(resource), source: id };
};

const without = (some: readonly PortRange[], others: readonly PortRange[]): readonly PortRange[] =>
  some.filter((it) => !others.some(({ from, to }) => from === it.from && to === it.to));

const create = async (resource: Resource<'target-access'>, site: Site): Promise<Attempt> => {
  await open(sideOf(resource, site), resource.spec.ports, site);
  return { status: 'done', id: resource.spec.group };
};

const update = async ({ want, have }: Update<'target-access'>, site: Site): Promise<Attempt> => {
  const side = sideOf(want, site);
  await open(side, without(want.spec.ports, have.ports), site);
  await close(side, without(have.ports, want.spec.ports), site);
  return { status: 'done', id: want.spec.group };
};

const remove = async (resource: Resource<'target-access'>, site: Site): Promise<Attempt> => {
  await close(sideOf(resource, site), resource.spec.ports, site);
  return { status: 'done' };
};

export const targetAccess: Driver<'target-access'> = { create, update, remove };
