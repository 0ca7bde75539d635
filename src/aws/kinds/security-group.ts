/** The security group made for a load balancer. Only its inbound TCP permissions are compared. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { canonical } from '../../core/model/digest.ts';
import type { Permission, Resource, SecurityGroupSpec } from '../../core/model/resource.ts';
import type { Attempt } from '../../core/ports.ts';
import { awsError, means } from '../errors.ts';
import { fromSdkTags, sameOwner, toSdkTags, writeEc2Tags } from '../tags.ts';
import { type Driver, nameTaken, type Site, type Update } from './driver.ts';
import { removeIfThere } from './remove-if-there.ts';

export const securityGroupSpec = (found: SecurityGroup): SecurityGroupSpec => ({
  name: found.GroupName ?? '',
  description: found.Description ?? '',
  vpc: found.VpcId ?? '',
  inbound: (found.IpPermissions ?? []).flatMap(fromIpPermission).sort(byContent),
  tags: fromSdkTags(found.Tags),
});

const byContent = (a: Permission, b: Permission): number =>
  a.fromPort - b.fromPort || a.toPort - b.toPort || (canonical(a) < canonical(b) ? -1 : 1);

/**
 * AWS merges sources of equal ports into one permission; ours name one source each. Other protocols and
 * permissions from other security groups are not in our vocabulary: somebody added them, and they stay.
 */
const fromIpPermission = (found: IpPermission): readonly Permission[] => {
  if (found.IpProtocol !== 'tcp' || found.FromPort === undefined || found.ToPort === undefined) return [];
  const ports = { protocol: 'tcp', fromPort: found.FromPort, toPort: found.ToPort } as const;
  return [
    ...(found.IpRanges ?? []).flatMap(({ CidrIp }) => (CidrIp ? [{ ...ports, cidr: CidrIp }] : [])),
    ...(found.Ipv6Ranges ?? []).flatMap(({ CidrIpv6 }) => (CidrIpv6 ? [{ ...ports, cidr6: CidrIpv6 }] : [])),
    ...(found.PrefixListIds ?? []).flatMap(({ PrefixListId }) =>
      PrefixListId ? [{ ...ports, prefixList: PrefixListId }] : [],
    ),
  ];
};

const toIpPermissions = (permissions: readonly Permission[]): IpPermission[] =>
  [...Map.groupBy(permissions, ({ fromPort, toPort }) => `${fromPort}-${toPort}`).values()].map((same) => {
    const sources = {
      IpRanges: same.flatMap(({ cidr }) => (cidr ? [{ CidrIp: cidr }] : [])),
      Ipv6Ranges: same.flatMap(({ cidr6 }) => (cidr6 ? [{ CidrIpv6: cidr6 }] : [])),
      PrefixListIds: same.flatMap(({ prefixList }) => (prefixList ? [{ PrefixListId: prefixList }] : [])),
    };
    const named = Object.entries(sources).filter(([, list]) => list.length > 0);
    return {
      IpProtocol: 'tcp',
      FromPort: same[0]?.fromPort,
      ToPort: same[0]?.toPort,
      ...Object.fromEntries(named),
    };
  });

const create = async ({ spec }: Resource<'security-group'>, site: Site): Promise<Attempt> => {
  const made = await createOrFind(spec, site);
  if ('status' in made) return made;
  try {
    await settleInbound(made.id, spec.inbound, made.inbound, { site, revoke: false });
  } catch (thrown) {
    // EC2 may not know a new group everywhere yet. The next try finds it by its name.
    if (!means(thrown, 'gone')) throw thrown;
    return {
      status: 'wait',
      seconds: 2,
      why: `security group ${made.id} is new and EC2 does not know it everywhere yet`,
    };
  }
  return { status: 'done', id: made.id };
};

type Made = { readonly id: string; readonly inbound: readonly Permission[] };

const createOrFind = async (spec: SecurityGroupSpec, site: Site): Promise<Made | Attempt> => {
  try {
    const { GroupId } = await site.account.clients.ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: spec.name,
        Description: spec.description,
        VpcId: spec.vpc,
        TagSpecifications: [{ ResourceType: 'security-group', Tags: toSdkTags(spec.tags) }],
      }),
    );
    return { id: GroupId ?? '', inbound: [] };
  } catch (thrown) {
    if (!means(thrown, 'exists')) throw thrown;
    return findOurs(spec, site);
  }
};

const findOurs = async (spec: SecurityGroupSpec, { account }: Site): Promise<Made | Attempt> => {
  const { SecurityGroups } = await account.clients.ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: 'group-name', Values: [spec.name] },
        { Name: 'vpc-id', Values: [spec.vpc] },
      ],
    }),
  );
  const found = SecurityGroups?.[0];
  if (!found?.GroupId)
    return {
      status: 'wait',
      seconds: 2,
      why: `EC2 says that security group ${spec.name} exists but does not show it yet`,
    };
  const have = securityGroupSpec(found);
  if (!sameOwner(spec.tags, have.tags))
    return nameTaken(
      `security group ${spec.name} (${found.GroupId})`,
      'does not carry the tags of this cluster and group',
    );
  return { id: found.GroupId, inbound: have.inbound };
};

const without = (some: readonly Permission[], others: readonly Permission[]): readonly Permission[] => {
  const known = new Set(others.map(canonical));
  return some.filter((permission) => !known.has(canonical(permission)));
};

type Settling = { readonly site: Site; readonly revoke: boolean; readonly again?: boolean };

/**
 * Opens what is missing before closing what is too much, so that no client is cut off in between. AWS refuses a
 * whole call for one permission that is there already, or gone already: then what is there is read, once.
 */
const settleInbound = async (
  GroupId: string,
  want: readonly Permission[],
  have: readonly Permission[],
  { site, revoke, again }: Settling,
): Promise<void> => {
  const { ec2 } = site.account.clients;
  const missing = without(want, have);
  const extra = revoke ? without(have, want) : [];
  try {
    if (missing.length > 0)
      await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: toIpPermissions(missing) }),
      );
    if (extra.length > 0)
      await ec2.send(
        new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: toIpPermissions(extra) }),
      );
  } catch (thrown) {
    if (again || !awsError(thrown).code.startsWith('InvalidPermission.')) throw thrown;
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    const now = securityGroupSpec(SecurityGroups?.[0] ?? {}).inbound;
    await settleInbound(GroupId, want, now, { site, revoke, again: true });
  }
};

const update = async ({ want, have, changes }: Update<'security-group'>, site: Site): Promise<Attempt> => {
  const id = site.id(want.key);
  if (changes('tags')) await writeEc2Tags(site.account.clients, id, want.spec.tags, have.tags);
  if (changes('inbound')) await settleInbound(id, want.spec.inbound, have.inbound, { site, revoke: true });
  return { status: 'done', id };
};

/** The network interfaces of a deleted load balancer keep its group for a while. */
const remove = ({ key, spec }: Resource<'security-group'>, site: Site): Promise<Attempt> =>
  removeIfThere(
    key,
    site,
    async (GroupId) => {
      await site.account.clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
      return undefined;
    },
    { inUse: `security group ${spec.name} is still in use`, seconds: 2 },
  );

export const securityGroup: Driver<'security-group'> = { create, update, remove };
