/** What AWS already holds that Ingresses refer to: network, certificates, hosted zones. Read in bulk, then kept. */
import {
  type CertificateSummary,
  DescribeCertificateCommand,
  KeyAlgorithm,
  paginateListCertificates,
} from '@aws-sdk/client-acm';
import {
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
  type RouteTable,
  type Subnet as SdkSubnet,
  type Vpc,
} from '@aws-sdk/client-ec2';
import {
  paginateDescribeAccountLimits,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { paginateListHostedZones } from '@aws-sdk/client-route-53';
import type {
  AccountLimits,
  Certificate,
  Facts,
  HostedZone,
  KnownSecurityGroup,
  KnownTargetGroup,
  Subnet,
} from '../core/model/facts.ts';
import { STACK_TAG } from '../core/model/names.ts';
import type { Account } from './account.ts';
import { unlessDenied } from './errors.ts';
import { everyPage } from './every-page.ts';
import { fromSdkTags } from './tags.ts';
import { hostedZone } from './zone-clients.ts';

type Look = { readonly startedAt: number; readonly facts: Promise<Facts> };

/**
 * Facts, kept until they are older than asked for. Several askers share one look; a failed look fails them all
 * and is forgotten, and those who take older ones still get what the look before it found.
 */
export const cachedFacts = (account: Account): ((maxAgeSeconds: number) => Promise<Facts>) => {
  let answered: Look | undefined;
  let looking: Look | undefined;
  let vpc: Promise<string> | undefined;
  const findVpcOnce = (): Promise<string> => {
    vpc ??= findVpc(account).catch((thrown: unknown) => {
      vpc = undefined;
      throw thrown;
    });
    return vpc;
  };
  return (maxAgeSeconds) => {
    const now = performance.now();
    const known = [answered, looking].find((it) => it && now - it.startedAt <= maxAgeSeconds * 1000);
    if (known) return asOfNow(known.facts);
    const look: Look = { startedAt: now, facts: findVpcOnce().then((id) => readFacts(account, id)) };
    looking = look;
    look.facts.then(
      () => {
        if (looking !== look) return;
        answered = look;
        looking = undefined;
      },
      () => {
        if (looking === look) looking = undefined;
      },
    );
    return asOfNow(look.facts);
  };
};

/** Facts may be kept for minutes, but a certificate that was issued a second ago is valid now. */
const asOfNow = async (facts: Promise<Facts>): Promise<Facts> => ({ ...(await facts), asOf: Date.now() });

const readFacts = async (account: Account, vpc: string): Promise<Facts> => {
  const { ec2 } = account.clients;
  const ofVpc = { Filters: [{ Name: 'vpc-id', Values: [vpc] }] };
  const [vpcs, subnets, tables, groups, targetGroups, zones, certificates, limits] = await Promise.all([
    everyPage(paginateDescribeVpcs({ client: ec2 }, { VpcIds: [vpc] }), (page) => page.Vpcs),
    everyPage(paginateDescribeSubnets({ client: ec2 }, ofVpc), (page) => page.Subnets),
    everyPage(paginateDescribeRouteTables({ client: ec2 }, ofVpc), (page) => page.RouteTables),
    everyPage(paginateDescribeSecurityGroups({ client: ec2 }, ofVpc), (page) => page.SecurityGroups),
    listTargetGroups(account),
    // Who keeps names elsewhere need not permit Route 53, nor ACM who has no HTTPS.
    unlessDenied(listZones(account)),
    unlessDenied(listCertificates(account)),
    unlessDenied(accountLimits(account)),
  ]);
  const isPublic = publicSubnets(tables);
  return {
    region: account.region,
    vpc,
    vpcCidrs: vpcs.flatMap(cidrs),
    subnets: subnets.map((subnet) => subnetFact(subnet, isPublic)).sort(byId),
    securityGroups: groups
      .map(
        (group): KnownSecurityGroup => ({
          id: group.GroupId ?? '',
          name: group.GroupName ?? '',
          vpc: group.VpcId ?? '',
          tags: fromSdkTags(group.Tags),
        }),
      )
      .sort(byId),
    targetGroups,
    zones,
    certificates,
    ...(limits && { limits }),
  };
};

const listTargetGroups = async ({
  clients: { elb: client },
}: Account): Promise<readonly KnownTargetGroup[]> => {
  const pages = paginateDescribeTargetGroups({ client, pageSize: 400 }, {});
  const groups = await everyPage(pages, (page) => page.TargetGroups);
  return groups.flatMap(({ TargetGroupName: name, TargetGroupArn: arn }) =>
    name && arn ? [{ name, arn: `arn:${arn.slice('arn:'.length)}` as const }] : [],
  );
};

const accountLimits = async ({ clients: { elb: client } }: Account): Promise<AccountLimits | undefined> => {
  const all = await everyPage(paginateDescribeAccountLimits({ client }, {}), (page) => page.Limits);
  const most = (name: string): number => Number(all.find(({ Name }) => Name === name)?.Max);
  const rules = most('rules-per-application-load-balancer');
  const certificates = most('certificates-per-application-load-balancer');
  const targetGroups = most('target-groups-per-application-load-balancer');
  return rules > 0 && certificates > 0
    ? { rules, certificates, ...(targetGroups > 0 && { targetGroups }) }
    : undefined;
};

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

const cidrs = (vpc: Vpc): readonly string[] => {
  const associated = (vpc.CidrBlockAssociationSet ?? [])
    .filter((association) => (association.CidrBlockState?.State ?? 'associated') === 'associated')
    .flatMap((association) => association.CidrBlock ?? []);
  const ipv6 = (vpc.Ipv6CidrBlockAssociationSet ?? [])
    .filter((association) => association.Ipv6CidrBlockState?.State === 'associated')
    .flatMap((association) => association.Ipv6CidrBlock ?? []);
  const ipv4 = associated.length > 0 || !vpc.CidrBlock ? associated : [vpc.CidrBlock];
  return [...ipv4, ...ipv6];
};

const subnetFact = (subnet: SdkSubnet, isPublic: (id: string) => boolean): Subnet => ({
  id: subnet.SubnetId ?? '',
  vpc: subnet.VpcId ?? '',
  zone: subnet.AvailabilityZone ?? '',
  freeAddresses: subnet.AvailableIpAddressCount ?? 0,
  hasIpv6: (subnet.Ipv6CidrBlockAssociationSet ?? []).some(
    (association) => association.Ipv6CidrBlockState?.State === 'associated',
  ),
  public: isPublic(subnet.SubnetId ?? ''),
  tags: fromSdkTags(subnet.Tags),
});

/** A subnet without a route table of its own uses the main one of its VPC. */
const publicSubnets = (tables: readonly RouteTable[]): ((subnet: string) => boolean) => {
  const reachesInternet = new Map<string, boolean>();
  let main = false;
  for (const table of tables) {
    const reaches = (table.Routes ?? []).some(
      (route) => route.GatewayId?.startsWith('igw-') && route.State !== 'blackhole',
    );
    for (const association of table.Associations ?? []) {
      if (association.Main) main = reaches;
      if (association.SubnetId) reachesInternet.set(association.SubnetId, reaches);
    }
  }
  return (subnet) => reachesInternet.get(subnet) ?? main;
};

/** The VPC that was named, else the one of this cluster's tagged subnets, else the only one there is. */
const findVpc = async ({ clients: { ec2 }, vpcId, cluster, region }: Account): Promise<string> => {
  if (vpcId) return vpcId;
  const tag = `kubernetes.io/cluster/${cluster}`;
  const tagged = await everyPage(
    paginateDescribeSubnets({ client: ec2 }, { Filters: [{ Name: 'tag-key', Values: [tag] }] }),
    (page) => page.Subnets,
  );
  const ofTagged = [...new Set(tagged.flatMap((subnet) => subnet.VpcId ?? []))].sort();
  if (ofTagged.length === 1 && ofTagged[0]) return ofTagged[0];
  const remedy = 'name the VPC of the cluster with --aws-vpc-id';
  if (ofTagged.length > 1)
    throw new Error(`subnets tagged ${tag} lie in several VPCs (${ofTagged.join(', ')}); ${remedy}`);
  const all = (await everyPage(paginateDescribeVpcs({ client: ec2 }, {}), (page) => page.Vpcs)).flatMap(
    (vpc) => vpc.VpcId ?? [],
  );
  if (all.length === 1 && all[0]) return all[0];
  const seen = all.length === 0 ? 'has no VPC' : `has ${all.length} VPCs (${all.sort().join(', ')})`;
  throw new Error(`region ${region} ${seen} and no subnet is tagged ${tag}; ${remedy}`);
};

/**
 * Every hosted zone, private ones included: which VPCs see a private zone costs a call per zone.
 * None when Route 53 is switched off.
 */
export const listZones = async ({
  clients: { route53: client },
  route53,
  dns,
}: Account): Promise<readonly HostedZone[]> => {
  if (route53 === 'off') return [];
  const kept = await dns.zones.look();
  const zones = await everyPage(paginateListHostedZones({ client }, {}), (page) => page.HostedZones);
  const own = zones.map(hostedZone).filter(({ id }) => !kept.some((other) => other.id === id));
  return [...own, ...kept].sort(byId);
};

/** ACM leaves out every certificate that is not RSA 1024 or 2048 unless its key type is named. */
export const KEY_TYPES: KeyAlgorithm[] = Object.values(KeyAlgorithm);

const listCertificates = async (account: Account): Promise<readonly Certificate[]> => {
  const summaries = await everyPage(
    paginateListCertificates(
      { client: account.clients.acm },
      { Includes: { keyTypes: KEY_TYPES }, MaxItems: 1000 },
    ),
    (page) => page.CertificateSummaryList,
  );
  const ours = new Map([...account.madeCertificates, ...((await account.ownCertificates()) ?? [])]);
  const certificates = await Promise.all(
    summaries.map(async (summary): Promise<Certificate> => {
      const stack = ours.get(summary.CertificateArn ?? '')?.[STACK_TAG];
      return { ...(await certificateFact(account, summary)), ...(stack !== undefined && { stack }) };
    }),
  );
  return certificates.sort((a, b) => (a.arn < b.arn ? -1 : 1));
};

/** A summary holds the first 100 names only. */
const certificateFact = async ({ clients }: Account, summary: CertificateSummary): Promise<Certificate> => {
  const arn = summary.CertificateArn ?? '';
  let others = summary.SubjectAlternativeNameSummaries ?? [];
  if (summary.HasAdditionalSubjectAlternativeNames) {
    const { Certificate } = await clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    others = Certificate?.SubjectAlternativeNames ?? others;
  }
  return {
    arn,
    domains: [...new Set([summary.DomainName ?? '', ...others])].filter((domain) => domain !== ''),
    status: summary.Status ?? 'UNKNOWN',
    ...(summary.NotAfter && { notAfter: summary.NotAfter.toISOString() }),
  };
};
