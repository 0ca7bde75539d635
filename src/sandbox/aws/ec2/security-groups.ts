/** Security groups: create, describe, delete. */

import type * as Sdk from '@aws-sdk/client-ec2';
import type { SecurityGroup } from '@aws-sdk/client-ec2';
import { CreateSecurityGroup$, DeleteSecurityGroup$, DescribeSecurityGroups$ } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { arn, nextId } from '../account.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { invalidValue, notFound, stopIfDryRun } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { applyFilters } from './filters.ts';
import type { StoredSecurityGroup } from './network.ts';
import { named, page } from './page.ts';
import { permissionsOf } from './permissions.ts';
import { addSecurityGroup } from './security-group-store.ts';
import { specifiedTags, tagList } from './tags.ts';

export const securityGroupOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateSecurityGroup: { schema: CreateSecurityGroup$, handle: (input) => create(account, input) },
  DescribeSecurityGroups: { schema: DescribeSecurityGroups$, handle: (input) => describeAll(account, input) },
  DeleteSecurityGroup: { schema: DeleteSecurityGroup$, handle: (input) => remove(account, input) },
});

const TEXT = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/;

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateSecurityGroup'>) => {
  const { GroupName: name, Description: description, VpcId: vpc } = input;
  for (const [what, text] of [
    ['GroupName', name],
    ['GroupDescription', description],
  ] as const) {
    if (text === '') throw refuse('MissingParameter', `The request must contain the parameter ${what}`);
    if (text.length > 255)
      throw invalidValue(
        `Value (${text}) for parameter ${what} is invalid. Character limit of 255 exceeded.`,
      );
    if (!TEXT.test(text))
      throw invalidValue(
        `Value (${text}) for parameter ${what} is invalid. Character sets beyond ASCII or outside a-zA-Z0-9. _-:/()#,@[]+=&;{}!$* are not supported.`,
      );
  }
  if (/^sg-/i.test(name))
    throw invalidValue(
      `Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`,
    );
  if (vpc === undefined)
    throw refuse('VPCIdNotSpecified', 'No default VPC for this user: VpcId must be given');
  if (!account.network.vpcs.has(vpc)) throw notFound('InvalidVpcID.NotFound', 'vpc ID', vpc);
  const groups = account.network.securityGroups;
  if (
    name === 'default' ||
    [...groups.values()].some((group) => group.GroupName === name && group.VpcId === vpc)
  ) {
    throw refuse('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpc}'`);
  }
  const tags = specifiedTags(account, input.TagSpecifications, 'security-group');
  if (groups.size >= account.facts.securityGroupsPerRegion) {
    throw refuse('SecurityGroupLimitExceeded', 'The maximum number of security groups has been reached.');
  }
  stopIfDryRun(input);
  const id = `sg-0${nextId(account, `group/${vpc}/${name}`, 16)}`;
  addSecurityGroup(account, { id, name, description, vpc, tags });
  return { GroupId: id, Tags: tagList(tags), SecurityGroupArn: arn(account, 'ec2', `security-group/${id}`) };
};

/** The group of an id, or of a name when no id is given. */
export const groupAt = (
  account: Account,
  id: string | undefined,
  name: string | undefined,
): StoredSecurityGroup => {
  const groups = account.network.securityGroups;
  if (id === undefined && name === undefined)
    throw refuse('MissingParameter', 'The request must contain the parameter groupName or groupId');
  if (id !== undefined && !/^sg-[0-9a-z]+$/.test(id))
    throw refuse('InvalidGroupId.Malformed', `Invalid id: "${id}" (expecting "sg-...")`);
  const found =
    id === undefined ? [...groups.values()].find(({ GroupName }) => GroupName === name) : groups.get(id);
  if (found === undefined)
    throw refuse('InvalidGroup.NotFound', `The security group '${id ?? name ?? ''}' does not exist`);
  return found;
};

const remove = (account: Account, input: InputOf<typeof Sdk, 'DeleteSecurityGroup'>) => {
  const group = groupAt(account, input.GroupId, input.GroupName);
  if (group.GroupName === 'default')
    throw refuse(
      'CannotDelete',
      `the specified group: "${group.GroupId}" name: "default" cannot be deleted by a user`,
    );
  if (isUsed(account, group))
    throw refuse('DependencyViolation', `resource ${group.GroupId} has a dependent object`);
  stopIfDryRun(input);
  account.network.securityGroups.delete(group.GroupId);
  account.network.tags.delete(group.GroupId);
  for (const id of group.rules.keys()) account.network.tags.delete(id);
  return { Return: true, GroupId: group.GroupId };
};

/** By an instance, an interface, also one of a load balancer deleted a moment ago, or another group's rule. */
const isUsed = ({ network, serving }: Account, { GroupId: id }: StoredSecurityGroup): boolean =>
  [...serving.instances.values()].some(
    ({ launch, state }) => state !== 'terminated' && launch?.groups.includes(id),
  ) ||
  [...network.interfaces.values()].some(({ groups }) => groups.includes(id)) ||
  [...network.securityGroups.values()].some(
    (other) =>
      other.GroupId !== id &&
      [...other.rules.values()].some((rule) => rule.ReferencedGroupInfo?.GroupId === id),
  );

const peers = (group: StoredSecurityGroup, isEgress: boolean) =>
  [...group.rules.values()].filter((rule) => rule.IsEgress === isEgress);

const permissionFilters = (prefix: string, isEgress: boolean): FilterTable<StoredSecurityGroup> => ({
  [`${prefix}.cidr`]: (group) => peers(group, isEgress).map(({ CidrIpv4 }) => CidrIpv4),
  [`${prefix}.ipv6-cidr`]: (group) => peers(group, isEgress).map(({ CidrIpv6 }) => CidrIpv6),
  [`${prefix}.from-port`]: (group) => peers(group, isEgress).map(({ FromPort }) => String(FromPort)),
  [`${prefix}.to-port`]: (group) => peers(group, isEgress).map(({ ToPort }) => String(ToPort)),
  [`${prefix}.protocol`]: (group) => peers(group, isEgress).map(({ IpProtocol }) => IpProtocol),
  [`${prefix}.group-id`]: (group) =>
    peers(group, isEgress).map(({ ReferencedGroupInfo: info }) => info?.GroupId),
});

const describeAll = (account: Account, input: InputOf<typeof Sdk, 'DescribeSecurityGroups'>) => {
  stopIfDryRun(input);
  const { network } = account;
  for (const id of input.GroupIds ?? []) groupAt(account, id, undefined);
  for (const name of input.GroupNames ?? []) groupAt(account, undefined, name);
  const asked = named(network.securityGroups, input.GroupIds, (id) =>
    notFound('InvalidGroup.NotFound', 'security group', id),
  );
  const byName = asked.filter(
    ({ GroupName }) => input.GroupNames === undefined || input.GroupNames.includes(GroupName),
  );
  const filters: FilterTable<StoredSecurityGroup> = {
    'group-id': ({ GroupId }) => [GroupId],
    'group-name': ({ GroupName }) => [GroupName],
    description: ({ Description }) => [Description],
    'vpc-id': ({ VpcId }) => [VpcId],
    'owner-id': () => [account.id],
    ...permissionFilters('ip-permission', false),
    ...permissionFilters('egress.ip-permission', true),
  };
  const found = applyFilters(
    byName,
    input.Filters,
    filters,
    ({ GroupId }) => network.tags.get(GroupId) ?? {},
  );
  const { items, ...next } = page(found, ({ GroupId }) => GroupId, input, input.GroupIds);
  return { SecurityGroups: items.map((group) => describe(account, group)), ...next };
};

const describe = (account: Account, group: StoredSecurityGroup): SecurityGroup => ({
  GroupId: group.GroupId,
  GroupName: group.GroupName,
  Description: group.Description,
  OwnerId: account.id,
  VpcId: group.VpcId,
  SecurityGroupArn: arn(account, 'ec2', `security-group/${group.GroupId}`),
  IpPermissions: permissionsOf(group, false),
  IpPermissionsEgress: permissionsOf(group, true),
  Tags: tagList(account.network.tags.get(group.GroupId)),
});
