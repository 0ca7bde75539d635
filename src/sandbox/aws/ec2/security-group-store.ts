/** Making security groups and their rules; every group starts with a rule that lets everything out. */
import type { SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { arn, nextId } from '../account.ts';
import type { Tags } from '../details.ts';
import type { StoredSecurityGroup } from './network.ts';

type NewGroup = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpc: string;
  readonly tags: Tags;
};

export const addSecurityGroup = (
  account: Account,
  { id, name, description, vpc, tags }: NewGroup,
): StoredSecurityGroup => {
  const group: StoredSecurityGroup = {
    GroupId: id,
    GroupName: name,
    Description: description,
    VpcId: vpc,
    rules: new Map(),
  };
  account.network.securityGroups.set(id, group);
  if (Object.keys(tags).length > 0) account.network.tags.set(id, tags);
  addRule(account, group, {
    IsEgress: true,
    IpProtocol: '-1',
    FromPort: -1,
    ToPort: -1,
    CidrIpv4: '0.0.0.0/0',
  });
  return group;
};

type StoredGroupRule = SecurityGroupRule & { readonly SecurityGroupRuleId: string };

export const addRule = (
  account: Account,
  group: StoredSecurityGroup,
  rule: SecurityGroupRule,
): StoredGroupRule => {
  const id = `sgr-0${nextId(account, `${group.GroupId}/rule/${ruleIdentity(rule)}`, 16)}`;
  const stored = {
    GroupId: group.GroupId,
    GroupOwnerId: account.id,
    ...rule,
    SecurityGroupRuleId: id,
    SecurityGroupRuleArn: arn(account, 'ec2', `security-group-rule/${id}`),
  };
  group.rules.set(id, stored);
  return stored;
};

/** What makes two rules the same rule: direction, protocol, ports and peer, but not the description. */
export const ruleIdentity = (rule: SecurityGroupRule): string =>
  JSON.stringify([
    rule.IsEgress,
    rule.IpProtocol,
    rule.FromPort,
    rule.ToPort,
    rule.CidrIpv4,
    rule.CidrIpv6,
    rule.PrefixListId,
    rule.ReferencedGroupInfo?.GroupId,
  ]);
