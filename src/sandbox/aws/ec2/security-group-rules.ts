/** Rules of security groups: authorize, revoke, describe. */

import type * as Sdk from '@aws-sdk/client-ec2';
import type { IpPermission, SecurityGroupRule, TagSpecification } from '@aws-sdk/client-ec2';
import {
  AuthorizeSecurityGroupEgress$,
  AuthorizeSecurityGroupIngress$,
  DescribeSecurityGroupRules$,
  RevokeSecurityGroupEgress$,
  RevokeSecurityGroupIngress$,
} from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { notFound, stopIfDryRun } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { applyFilters } from './filters.ts';
import type { StoredSecurityGroup } from './network.ts';
import { page } from './page.ts';
import { rulesOf } from './permissions.ts';
import { addRule, ruleIdentity } from './security-group-store.ts';
import { groupAt } from './security-groups.ts';
import { specifiedTags, tagList } from './tags.ts';

export const securityGroupRuleOperations = (account: Account): Operations<typeof Sdk> => ({
  AuthorizeSecurityGroupIngress: {
    schema: AuthorizeSecurityGroupIngress$,
    handle: (input) => authorize(account, input, false),
  },
  AuthorizeSecurityGroupEgress: {
    schema: AuthorizeSecurityGroupEgress$,
    handle: (input) => authorize(account, input, true),
  },
  RevokeSecurityGroupIngress: {
    schema: RevokeSecurityGroupIngress$,
    handle: (input) => revoke(account, input, false),
  },
  RevokeSecurityGroupEgress: {
    schema: RevokeSecurityGroupEgress$,
    handle: (input) => revoke(account, input, true),
  },
  DescribeSecurityGroupRules: {
    schema: DescribeSecurityGroupRules$,
    handle: (input) => describeAll(account, input),
  },
});

type Request = {
  readonly GroupId?: string | undefined;
  readonly GroupName?: string | undefined;
  readonly IpPermissions?: IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
  readonly TagSpecifications?: TagSpecification[] | undefined;
  readonly SecurityGroupRuleIds?: string[] | undefined;
  readonly DryRun?: boolean | undefined;
};

/** Permissions in either form: the list, or the single permission spread over the request. */
const permissionsIn = (input: Request): IpPermission[] => {
  const single = input.IpProtocol ?? input.CidrIp ?? input.SourceSecurityGroupName;
  if (single !== undefined && input.IpPermissions !== undefined) {
    throw refuse(
      'InvalidParameterCombination',
      'The parameter ipPermissions cannot be used together with ipProtocol, cidrIp or sourceSecurityGroupName',
    );
  }
  if (single === undefined) return input.IpPermissions ?? [];
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName: name } = input;
  return [
    {
      IpProtocol: IpProtocol ?? '-1',
      FromPort,
      ToPort,
      ...(CidrIp === undefined ? {} : { IpRanges: [{ CidrIp }] }),
      ...(name === undefined ? {} : { UserIdGroupPairs: [{ GroupName: name }] }),
    },
  ];
};

const peerName = (rule: SecurityGroupRule): string =>
  rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.ReferencedGroupInfo?.GroupId ?? '';

const shown = (rule: SecurityGroupRule): string =>
  rule.IpProtocol === '-1'
    ? `peer: ${peerName(rule)}, ALL, ALLOW`
    : `peer: ${peerName(rule)}, ${rule.IpProtocol?.toUpperCase()}, from port: ${rule.FromPort}, to port: ${rule.ToPort}, ALLOW`;

const authorize = (account: Account, input: Request, isEgress: boolean) => {
  const group = groupAt(account, input.GroupId, input.GroupName);
  const rules = rulesOf(account, group, permissionsIn(input), isEgress);
  const tags = specifiedTags(account, input.TagSpecifications, 'security-group-rule');
  const present = new Set([...group.rules.values()].map(ruleIdentity));
  for (const rule of rules) {
    const identity = ruleIdentity(rule);
    if (present.has(identity))
      throw refuse('InvalidPermission.Duplicate', `the specified rule "${shown(rule)}" already exists`);
    present.add(identity);
  }
  checkNumber(account, group, rules, isEgress);
  stopIfDryRun(input);
  const added = rules.map((rule) => addRule(account, group, rule));
  for (const { SecurityGroupRuleId: id } of added)
    if (Object.keys(tags).length > 0) account.network.tags.set(id, tags);
  return { Return: true, SecurityGroupRules: added.map((rule) => describe(account, rule)) };
};

/** The quota counts each direction and each address family on its own; a reference counts for both. */
const checkNumber = (
  { facts }: Account,
  group: StoredSecurityGroup,
  added: readonly SecurityGroupRule[],
  isEgress: boolean,
): void => {
  const all = [...[...group.rules.values()].filter((rule) => rule.IsEgress === isEgress), ...added];
  const v6 = all.filter(({ CidrIpv4 }) => CidrIpv4 === undefined).length;
  const v4 = all.filter(({ CidrIpv6 }) => CidrIpv6 === undefined).length;
  if (Math.max(v4, v6) > facts.rulesPerSecurityGroup) {
    throw refuse(
      'RulesPerSecurityGroupLimitExceeded',
      `The maximum number of rules per security group has been reached: ${facts.rulesPerSecurityGroup}`,
    );
  }
};

const revoke = (account: Account, input: Request, isEgress: boolean) => {
  const group = groupAt(account, input.GroupId, input.GroupName);
  const ids = input.SecurityGroupRuleIds ?? idsOf(account, group, input, isEgress);
  for (const id of ids) {
    if (group.rules.get(id)?.IsEgress !== isEgress) {
      throw refuse(
        'InvalidSecurityGroupRuleId.NotFound',
        `The security group rule ID '${id}' does not exist`,
      );
    }
  }
  stopIfDryRun(input);
  const revoked = ids.flatMap((id) => group.rules.get(id) ?? []);
  for (const id of ids) {
    group.rules.delete(id);
    account.network.tags.delete(id);
  }
  return {
    Return: true,
    RevokedSecurityGroupRules: revoked.map(
      ({ ReferencedGroupInfo: info, GroupOwnerId: _, SecurityGroupRuleArn: __, Tags: ___, ...rule }) => ({
        ...rule,
        ...(info === undefined ? {} : { ReferencedGroupId: info.GroupId }),
      }),
    ),
  };
};

const idsOf = (account: Account, group: StoredSecurityGroup, input: Request, isEgress: boolean): string[] => {
  const present = new Map(
    [...group.rules.values()].map((rule) => [ruleIdentity(rule), rule.SecurityGroupRuleId]),
  );
  return rulesOf(account, group, permissionsIn(input), isEgress).map((rule) => {
    const id = present.get(ruleIdentity(rule));
    if (id === undefined)
      throw refuse(
        'InvalidPermission.NotFound',
        `The specified rule "${shown(rule)}" does not exist in this security group.`,
      );
    return id;
  });
};

const describe = (account: Account, rule: SecurityGroupRule): SecurityGroupRule => ({
  ...rule,
  Tags: tagList(account.network.tags.get(rule.SecurityGroupRuleId ?? '')),
});

const describeAll = (account: Account, input: InputOf<typeof Sdk, 'DescribeSecurityGroupRules'>) => {
  stopIfDryRun(input);
  const all = [...account.network.securityGroups.values()].flatMap(({ rules }) => [...rules.values()]);
  for (const id of input.SecurityGroupRuleIds ?? []) {
    if (!all.some((rule) => rule.SecurityGroupRuleId === id))
      throw notFound('InvalidSecurityGroupRuleId.NotFound', 'security group rule ID', id);
  }
  const asked = all.filter(({ SecurityGroupRuleId: id }) => input.SecurityGroupRuleIds?.includes(id) ?? true);
  const filters: FilterTable<(typeof all)[number]> = {
    'group-id': ({ GroupId }) => [GroupId],
    'security-group-rule-id': ({ SecurityGroupRuleId }) => [SecurityGroupRuleId],
  };
  const found = applyFilters(
    asked,
    input.Filters,
    filters,
    (rule) => account.network.tags.get(rule.SecurityGroupRuleId) ?? {},
  );
  const { items, ...next } = page(
    found,
    ({ SecurityGroupRuleId }) => SecurityGroupRuleId,
    input,
    input.SecurityGroupRuleIds,
  );
  return { SecurityGroupRules: items.map((rule) => describe(account, rule)), ...next };
};
