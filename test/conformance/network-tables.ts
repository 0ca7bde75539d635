/** LBC's functions about subnets, security groups and targets, done by ours over facts that its tables hold as replies of AWS. */
import { list } from '../../src/core/annotations/list-parsers.ts';
import { snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { assumedFacts } from '../../src/core/model/assumed-facts.ts';
import type { Facts, Subnet } from '../../src/core/model/facts.ts';
import { NO_DEFAULTS } from '../../src/core/translate/defaults.ts';
import { statedGroups } from '../../src/core/translate/load-balancer.ts';
import { stackSettings } from '../../src/core/translate/settings.ts';
import {
  discoveredSubnets,
  type SubnetChoice,
  type SubnetRules,
  statedSubnets,
  taggedSubnets,
} from '../../src/core/translate/subnets.ts';
import { instanceTargets, ipTargets } from '../../src/core/translate/targets.ts';
import type { Json } from './vectors.ts';

type Adapter = (input: Json) => Json;

const VPC = 'vpc-dummy';
const CLUSTER = 'cluster-dummy';

const tagsOf = (tags: Json = []): Json =>
  Object.fromEntries(tags.map(({ Key, Value }: Json) => [Key, Value]));

/** Route tables of the vectors: a subnet is public when its own, or the main one, leads to an internet gateway. */
const isPublic = (id: string, tables: Json): boolean => {
  const associated = (it: Json, wanted: (association: Json) => boolean): boolean =>
    (it.Associations ?? []).some(wanted);
  const own = tables.find((it: Json) => associated(it, ({ SubnetId }) => SubnetId === id));
  const table = own ?? tables.find((it: Json) => associated(it, ({ Main }) => Main === true));
  return (table?.Routes ?? []).some(({ GatewayId = '' }: Json) => GatewayId.startsWith('igw'));
};

const factsOf = ({ describeSubnetsAsListCalls = [], describeRouteTablesAsListCalls = [] }: Json): Facts => {
  const failed = [...describeSubnetsAsListCalls, ...describeRouteTablesAsListCalls].find(({ err }) => err);
  if (failed) throw new Error(failed.err.error);
  const tables = describeRouteTablesAsListCalls.flatMap(({ output }: Json) => output ?? []);
  const found = new Map<string, Subnet>(
    describeSubnetsAsListCalls
      .flatMap(({ output }: Json) => output ?? [])
      .map((it: Json): [string, Subnet] => [
        it.SubnetId,
        {
          id: it.SubnetId,
          vpc: it.VpcId,
          zone: it.AvailabilityZone,
          freeAddresses: it.AvailableIpAddressCount,
          hasIpv6: (it.Ipv6CidrBlockAssociationSet ?? []).length > 0,
          public: isPublic(it.SubnetId, tables),
          // The tables ask by tag and leave the tag out of some replies.
          tags: { ...roleAskedBy(it, describeSubnetsAsListCalls), ...tagsOf(it.Tags) },
        },
      ]),
  );
  return { ...NO_FACTS, vpc: VPC, subnets: [...found.values()] };
};

const roleAskedBy = ({ SubnetId }: Json, calls: Json): Json => {
  const call = calls.find(({ output }: Json) => (output ?? []).some((it: Json) => it.SubnetId === SubnetId));
  const filter = call?.input.Filters?.find(({ Name }: Json) => Name.startsWith('tag:kubernetes.io/role/'));
  return filter ? { [filter.Name.slice('tag:'.length)]: '1' } : {};
};

const NO_FACTS = assumedFacts(snapshotFromObjects([]), 'us-west-2');

const listed = (choice: SubnetChoice, { describeSubnetsAsListCalls }: Json): Json => {
  if ('wrong' in choice) throw new Error(choice.wrong);
  const all = describeSubnetsAsListCalls.flatMap(({ output }: Json) => output ?? []);
  return choice.subnets.map((id) => all.find(({ SubnetId }: Json) => SubnetId === id));
};

const rulesOf = ({ clusterTagCheckEnabled, albSingleSubnetEnabled }: Json): SubnetRules => ({
  cluster: CLUSTER,
  ofOthers: !clusterTagCheckEnabled,
  least: albSingleSubnetEnabled ? 1 : 2,
});

export const NETWORK_ADAPTERS: Readonly<Record<string, Adapter>> = {
  'subnets-discovery': (input) => {
    const { lbScheme, lbipAddressType = 'ipv4' } = input.opts;
    const facts = factsOf(input);
    return listed(discoveredSubnets(lbScheme, lbipAddressType !== 'ipv4', facts, rulesOf(input)), input);
  },
  'subnets-name-or-id': (input) =>
    listed(statedSubnets([...new Set<string>(input.nameOrIDs)], factsOf(input)), input),
  'subnets-selector': (input) =>
    listed(taggedSubnets(input.selector.tags, false, factsOf(input), rulesOf(input)), input),
  'endpoints-node-ports': ({ services, svcKey, nodes, port, opts }) => {
    const service = (services ?? []).find(({ metadata }: Json) => metadata.name === svcKey.name);
    if (!service) throw new Error('no such Service');
    if (!['NodePort', 'LoadBalancer'].includes(service.spec.type)) throw new Error('no node port');
    const { nodePort } = service.spec.ports.find((it: Json) => [it.name, it.port].includes(port));
    const labels = opts?.nodeSelector?.matchLabels ?? {};
    return instanceTargets(nodes, nodePort, labels).map((it) => ({
      instanceID: it.id,
      port: it.port,
      node: nodes.find(({ spec }: Json) => spec.providerID.endsWith(it.id)),
    }));
  },
  'sg-name-or-id': ({ nameOrIDs = [], describeSGCalls = [] }) => {
    const found = describeSGCalls.flatMap(({ resp, err }: Json) => {
      if (err) throw new Error(err.error ?? err);
      return resp ?? [];
    });
    if (nameOrIDs.length === 0) return undefined;
    const securityGroups = found.map(({ GroupId, Tags }: Json) => ({
      ...{ id: GroupId, name: GroupId, vpc: VPC },
      tags: tagsOf(Tags),
    }));
    const settings = stackSettings([], NO_DEFAULTS);
    const { isUnknown, ...rest } = settings;
    return statedGroups('security-groups', undefined, [], {
      ...{ cluster: CLUSTER, stack: 's', known: {} as never, facts: { ...NO_FACTS, securityGroups } },
      defaults: NO_DEFAULTS,
      settings: { ...rest, isUnknown, settings: { ...settings.settings, 'security-groups': nameOrIDs } },
      report: (_, name, message) => {
        throw new Error(`${name}: ${message}`);
      },
    });
  },
  'csv-set': ({ input }) => {
    const any = { plural: 'items', expected: 'an item', read: (item: string) => item };
    const read = list(any, 0).parse(input);
    if (!read.ok) throw new Error(read.faults[0].expected);
    return read.value;
  },
  'annotation-string-slice': ({ prefix, opts = {}, suffix, annotations = {} }) => {
    // What stands under another prefix is another annotation to us.
    const keys = opts.exact
      ? [suffix]
      : [prefix, ...(opts.alternativePrefixes ?? [])].map((it) => `${it}/${suffix}`);
    const raw = keys.map((key) => annotations?.[key]).find((it) => it !== undefined);
    if (raw === undefined) return { exist: false };
    const any = { plural: 'items', expected: 'an item', read: (item: string) => item };
    const read = list(any, 0).parse(raw);
    return { exist: true, value: read.ok ? read.value : undefined };
  },
  'endpoints-node-suitable': ({ node }) => instanceTargets([placed(node)], 30_080).length > 0,
  'targets-az-override': ({ vpcInfo, vpcInfoError, assumeRole, ips = [] }) => {
    if (!vpcInfo && !assumeRole) throw new Error(vpcInfoError.error);
    if (vpcInfoError && !/NotFound/.test(vpcInfoError.error)) throw new Error(vpcInfoError.error);
    const cidrs = (vpcInfo?.CidrBlockAssociationSet ?? []).map(({ CidrBlock }: Json) => CidrBlock);
    const slice = {
      kind: 'EndpointSlice',
      metadata: { name: 's', namespace: 'n', labels: { 'kubernetes.io/service-name': 'svc' } },
      addressType: 'IPv4',
      ports: [{ port: 80 }],
      endpoints: ips.map((ip: string) => ({ addresses: [ip] })),
    };
    const service = { metadata: { name: 'svc', namespace: 'n' } };
    const made = ipTargets(service, { port: 80 }, snapshotFromObjects([slice]), {
      ...NO_FACTS,
      vpcCidrs: cidrs,
    });
    return ips.map((ip: string) => made.find(({ id }) => id === ip)?.zone === 'all');
  },
};

const placed = (node: Json): Json => ({
  ...node,
  metadata: { name: 'node', ...node.metadata },
  spec: { providerID: 'aws:///us-west-2a/i-0aaa', ...node.spec },
});
