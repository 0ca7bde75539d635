/** Permissions of security groups: requests to single rules, and single rules to the merged form AWS lists. */
import type { IpPermission, SecurityGroupRule, UserIdGroupPair } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { refuse } from '../wire/refusal.ts';
import { canonicalIpv4Cidr, canonicalIpv6Cidr } from './addresses.ts';
import { invalidValue } from './errors.ts';
import type { StoredSecurityGroup } from './network.ts';

type Peer = Pick<
  SecurityGroupRule,
  'CidrIpv4' | 'CidrIpv6' | 'PrefixListId' | 'ReferencedGroupInfo' | 'Description'
>;

/** The single rules that permissions stand for, checked. */
export const rulesOf = (
  account: Account,
  group: StoredSecurityGroup,
  permissions: readonly IpPermission[],
  isEgress: boolean,
): SecurityGroupRule[] => {
  if (permissions.length === 0)
    throw refuse('MissingParameter', 'The request must contain the parameter ipPermissions');
  return permissions.flatMap((permission) => {
    const ports = portsOf(permission);
    const peers = peersOf(account, group, permission);
    if (peers.length === 0)
      throw refuse('MissingParameter', 'Source group ID, CIDR block or prefix list missing in ipPermissions');
    return peers.map((peer) => ({ IsEgress: isEgress, ...ports, ...peer }));
  });
};

const NUMBERS: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
  all: '-1',
};
const MAX: Readonly<Record<string, number>> = { tcp: 65535, udp: 65535, icmp: 255, icmpv6: 255 };

const portsOf = ({ IpProtocol, FromPort, ToPort }: IpPermission) => {
  const given = IpProtocol?.toLowerCase();
  if (given === undefined || given === '')
    throw refuse('MissingParameter', 'The request must contain the parameter ipProtocol');
  const protocol = NUMBERS[given] ?? given;
  if (protocol === '-1') return { IpProtocol: '-1', FromPort: -1, ToPort: -1 };
  const most = MAX[protocol];
  if (most === undefined) {
    if (/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255)
      return { IpProtocol: protocol, FromPort: -1, ToPort: -1 };
    throw invalidValue(`Invalid value '${IpProtocol}' for IP protocol. Unknown protocol.`);
  }
  const [from, to] = [FromPort, ToPort];
  if (from === undefined || to === undefined) {
    throw invalidValue(
      `Invalid value for portRange. Must specify both from and to ports with ${protocol.toUpperCase()}/UDP.`,
    );
  }
  const least = most === 255 ? -1 : 0;
  if (from < least || to > most || (from > to && to !== -1))
    throw invalidValue(`Invalid TCP/UDP port range (${from}:${to})`);
  return { IpProtocol: protocol, FromPort: from, ToPort: to };
};

const described = (peer: Peer, description: string | undefined): Peer => {
  if (description === undefined || description === '') return peer;
  if (!/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/.test(description)) {
    throw invalidValue(
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    );
  }
  return { ...peer, Description: description };
};

const peersOf = (account: Account, group: StoredSecurityGroup, permission: IpPermission): Peer[] => [
  ...(permission.IpRanges ?? []).map(({ CidrIp = '', Description }) =>
    described({ CidrIpv4: ipv4(CidrIp) }, Description),
  ),
  ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 = '', Description }) =>
    described({ CidrIpv6: ipv6(CidrIpv6) }, Description),
  ),
  ...(permission.UserIdGroupPairs ?? []).map((pair) =>
    described(referenced(account, group, pair), pair.Description),
  ),
  ...(permission.PrefixListIds ?? []).map(({ PrefixListId = '', Description }) => {
    if (!account.network.prefixLists.has(PrefixListId))
      throw refuse('InvalidPrefixListID.NotFound', `The prefix list ID '${PrefixListId}' does not exist`);
    return described({ PrefixListId }, Description);
  }),
];

const ipv4 = (cidr: string): string => {
  const canonical = canonicalIpv4Cidr(cidr);
  if (canonical === undefined) throw invalidValue(`CIDR block ${cidr} is malformed`);
  return canonical;
};

const ipv6 = (cidr: string): string => {
  const canonical = canonicalIpv6Cidr(cidr);
  if (canonical === undefined) throw invalidValue(`CIDR block ${cidr} is malformed`);
  return canonical;
};

const referenced = (
  account: Account,
  group: StoredSecurityGroup,
  { GroupId, GroupName }: UserIdGroupPair,
): Peer => {
  const all = account.network.securityGroups;
  const found =
    GroupId === undefined
      ? [...all.values()].find((other) => other.GroupName === GroupName && other.VpcId === group.VpcId)
      : all.get(GroupId);
  if (found === undefined)
    throw refuse(
      'InvalidGroup.NotFound',
      `The security group '${GroupId ?? GroupName ?? ''}' does not exist`,
    );
  return { ReferencedGroupInfo: { GroupId: found.GroupId, UserId: account.id } };
};

/** Rules of one direction as AWS lists them in a group: merged by protocol and ports. */
export const permissionsOf = (group: StoredSecurityGroup, isEgress: boolean): IpPermission[] => {
  const rules = [...group.rules.values()].filter((rule) => rule.IsEgress === isEgress);
  const groups = Map.groupBy(rules, ({ IpProtocol, FromPort, ToPort }) =>
    JSON.stringify([IpProtocol, FromPort, ToPort]),
  );
  return [...groups.values()].map((same) => {
    const [first] = same;
    const withPorts = first?.IpProtocol !== '-1';
    return {
      IpProtocol: first?.IpProtocol,
      ...(withPorts ? { FromPort: first?.FromPort, ToPort: first?.ToPort } : {}),
      IpRanges: same.flatMap(({ CidrIpv4, Description }) =>
        CidrIpv4 === undefined ? [] : [{ CidrIp: CidrIpv4, ...(Description && { Description }) }],
      ),
      Ipv6Ranges: same.flatMap(({ CidrIpv6, Description }) =>
        CidrIpv6 === undefined ? [] : [{ CidrIpv6, ...(Description && { Description }) }],
      ),
      PrefixListIds: same.flatMap(({ PrefixListId, Description }) =>
        PrefixListId === undefined ? [] : [{ PrefixListId, ...(Description && { Description }) }],
      ),
      UserIdGroupPairs: same.flatMap(({ ReferencedGroupInfo: info, Description }) =>
        info === undefined
          ? []
          : [{ GroupId: info.GroupId, UserId: info.UserId, ...(Description && { Description }) }],
      ),
    };
  });
};
