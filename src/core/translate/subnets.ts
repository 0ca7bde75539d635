/** Which subnets a load balancer stands in: stated, kept, or discovered by tag and by reachability. */
import type { SubnetTags } from '../ingress-class/params-texts.ts';
import type { Facts, Subnet } from '../model/facts.ts';
import type { Scheme } from '../model/scheme.ts';

export type SubnetChoice = { readonly subnets: readonly string[] } | { readonly wrong: string };

/** Availability Zones that a load balancer needs: two, or one of a network load balancer (AWS documentation). */
type Least = 1 | 2;

/** What discovery may do that it usually may not. */
export type SubnetRules = {
  readonly cluster: string;
  /** Also use subnets with the tag of another cluster only. */
  readonly ofOthers: boolean;
  readonly least: Least;
};

/** An ALB needs this many free addresses in each subnet (AWS documentation). */
const FREE_ADDRESSES = 8;

const ROLE_TAGS: Readonly<Record<Scheme, string>> = {
  'internet-facing': 'kubernetes.io/role/elb',
  internal: 'kubernetes.io/role/internal-elb',
};

/** Subnets named by id or by `Name` tag; each must exist, in its own Availability Zone, and there must be enough. */
export const statedSubnets = (stated: readonly string[], facts: Facts, least: Least = 2): SubnetChoice => {
  const found: Subnet[] = [];
  for (const name of stated) {
    const matches = facts.subnets.filter((subnet) => subnet.id === name || subnet.tags.Name === name);
    const fresh = matches.filter((subnet) => !found.includes(subnet));
    if (fresh.length === 0)
      return {
        wrong: `subnet ${name} does not exist in ${facts.vpc}; expected a subnet id or the Name tag of one`,
      };
    found.push(...fresh);
  }
  return checked(found, least);
};

const checked = (subnets: readonly Subnet[], least: Least): SubnetChoice => {
  const byZone = new Map<string, Subnet>();
  for (const subnet of subnets) {
    const other = byZone.get(subnet.zone);
    if (other)
      return {
        wrong: `subnets ${other.id} and ${subnet.id} are both in ${subnet.zone}; expected one subnet for each Availability Zone`,
      };
    byZone.set(subnet.zone, subnet);
  }
  if (byZone.size < least)
    return {
      wrong: `${subnets.length === 1 ? `only ${subnets[0]?.id}` : 'no usable subnet'}; expected ${least === 2 ? 'subnets in at least two Availability Zones' : 'at least one subnet'}`,
    };
  return { subnets: subnets.map((subnet) => subnet.id).sort() };
};

/** Subnets tagged for the scheme, else those the scheme can use by their routes; one for each Availability Zone. */
export const discoveredSubnets = (
  scheme: Scheme,
  dualstack: boolean,
  facts: Facts,
  rules: SubnetRules,
): SubnetChoice => {
  const role = ROLE_TAGS[scheme];
  const tagged = facts.subnets.filter((subnet) => subnet.tags[role] === '1' || subnet.tags[role] === '');
  const candidates =
    tagged.length > 0
      ? tagged
      : facts.subnets.filter((subnet) => subnet.public === (scheme === 'internet-facing'));
  const rejected: string[] = [];
  const usable = candidates.filter((subnet) => {
    const why = whyNot(subnet, rules, dualstack);
    if (why) rejected.push(`${subnet.id} ${why}`);
    return why === undefined;
  });
  const choice = checked(onePerZone(usable, rules.cluster), rules.least);
  if ('subnets' in choice) return choice;
  const seen = rejected.length > 0 ? `; not usable: ${rejected.join(', ')}` : '';
  return {
    wrong: `${choice.wrong}; looked for tag ${role} among ${facts.subnets.length} subnets of ${facts.vpc}${seen}`,
  };
};

export type SubnetVerdict = {
  readonly id: string;
  readonly zone: string;
  readonly chosen: boolean;
  readonly why: string;
};

export type SubnetQuestion = Pick<SubnetRules, 'cluster' | 'ofOthers'> & {
  readonly scheme: Scheme;
  readonly dualstack: boolean;
  readonly facts: Facts;
  readonly chosen: readonly string[];
  /** The load balancer is there already, and keeps its subnets unless somebody states others. */
  readonly stands: boolean;
};

/** Every subnet of the VPC, those that were chosen first, each with the reason. */
export const subnetVerdicts = (question: SubnetQuestion): readonly SubnetVerdict[] =>
  question.facts.subnets
    .map(({ id, zone }) => ({ id, zone, chosen: question.chosen.includes(id) }))
    .map((it) => ({ ...it, why: verdict(it.id, it.chosen, question) }))
    .toSorted((a, b) => Number(b.chosen) - Number(a.chosen) || (a.id < b.id ? -1 : 1));

const verdict = (id: string, isChosen: boolean, question: SubnetQuestion): string => {
  const { scheme, dualstack, facts, chosen, stands } = question;
  const subnet = facts.subnets.find((it) => it.id === id);
  if (!subnet) return 'not in the VPC';
  const role = ROLE_TAGS[scheme];
  const hasRole = (it: Subnet): boolean => it.tags[role] === '1' || it.tags[role] === '';
  if (isChosen)
    return stands
      ? 'the load balancer stands in it'
      : hasRole(subnet)
        ? `has the tag ${role}`
        : `is stated, or ${subnet.public ? 'public' : 'private'} as ${scheme} needs it`;
  const unfit = whyNot(subnet, question, dualstack);
  if (unfit) return unfit;
  const twin = facts.subnets.find((it) => chosen.includes(it.id) && it.zone === subnet.zone);
  if (facts.subnets.some(hasRole) && !hasRole(subnet)) return `has no tag ${role}, and others have it`;
  if (twin) return `${twin.id} is in the same Availability Zone`;
  return subnet.public === (scheme === 'internet-facing')
    ? 'others are stated'
    : `is ${subnet.public ? 'public' : 'private'}, and the scheme is ${scheme}`;
};

/** Subnets that have one of the values for every key, as IngressClassParams choose them; one for each Availability Zone. */
export const taggedSubnets = (
  tags: SubnetTags,
  dualstack: boolean,
  facts: Facts,
  rules: SubnetRules,
): SubnetChoice => {
  const wanted = Object.entries(tags);
  const tagged = facts.subnets.filter((subnet) =>
    wanted.every(([key, values]) => values.some((value) => subnet.tags[key] === value)),
  );
  const usable = tagged.filter((subnet) => whyNot(subnet, rules, dualstack) === undefined);
  const choice = checked(onePerZone(usable, rules.cluster), rules.least);
  if ('subnets' in choice) return choice;
  const words = wanted.map(([key, values]) => `${key} ${values.join(' or ')}`).join(', ');
  const rejected = tagged.flatMap((subnet) => {
    const why = whyNot(subnet, rules, dualstack);
    return why === undefined ? [] : [`${subnet.id} ${why}`];
  });
  const seen = rejected.length > 0 ? `; not usable: ${rejected.join(', ')}` : '';
  return {
    wrong: `IngressClassParams choose them by tags (${words}) and found ${choice.wrong}, among ${facts.subnets.length} subnets of ${facts.vpc}${seen}`,
  };
};

const whyNot = (
  subnet: Subnet,
  { cluster, ofOthers }: Pick<SubnetRules, 'cluster' | 'ofOthers'>,
  dualstack: boolean,
): string | undefined => {
  const prefix = 'kubernetes.io/cluster/';
  const clusters = Object.keys(subnet.tags).filter((tag) => tag.startsWith(prefix));
  if (!ofOthers && clusters.length > 0 && !clusters.includes(`${prefix}${cluster}`))
    return 'is tagged for another cluster';
  if (subnet.freeAddresses < FREE_ADDRESSES)
    return `has ${subnet.freeAddresses} free addresses, needs ${FREE_ADDRESSES}`;
  return dualstack && !subnet.hasIpv6 ? 'has no IPv6 range' : undefined;
};

const onePerZone = (subnets: readonly Subnet[], cluster: string): readonly Subnet[] => {
  const ours = (subnet: Subnet): number => (`kubernetes.io/cluster/${cluster}` in subnet.tags ? 0 : 1);
  const best = new Map<string, Subnet>();
  for (const subnet of subnets.toSorted((a, b) => ours(a) - ours(b) || (a.id < b.id ? -1 : 1)))
    if (!best.has(subnet.zone)) best.set(subnet.zone, subnet);
  return [...best.values()];
};
