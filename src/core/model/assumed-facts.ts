/** Facts for planning without an account: whatever the manifests name is taken to exist. */
import { readSettings } from '../annotations/read.ts';
import type { Stated } from '../annotations/table.ts';
import { CONTROLLER } from '../ingress-class/class-of.ts';
import { readParams } from '../ingress-class/read-params.ts';
import type { Service } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { Facts } from './facts.ts';
import { toAscii } from './punycode.ts';

const VPC = 'vpc-assumed';

/** Every subnet, security group, certificate and zone that the Ingresses and their classes name, in an otherwise empty account. */
export const assumedFacts = (snapshot: Snapshot, region: string): Facts => {
  const classes = [...snapshot.ingressClassParams.values()].map((it) => readParams(it, []));
  const stated = [
    ...[...snapshot.ingresses.values()].map((it) => readSettings(it.metadata.annotations, 'ingress').stated),
    ...classes.map((it) => it.stated),
  ];
  const byTags = Object.fromEntries(
    classes.flatMap((it) => Object.entries(it.subnetTags ?? {}).map(([key, [value = '']]) => [key, value])),
  );
  const named = (of: readonly (readonly string[] | undefined)[]): readonly string[] =>
    [...new Set(of.flatMap((list) => list ?? []))].sort();
  const subnets = named(stated.flatMap((it) => [it.subnets, it['frontend-nlb-subnets']]));
  const hosts = [...snapshot.ingresses.values()].flatMap((it) => [
    ...(it.spec?.rules ?? []).flatMap((rule) => rule.host ?? []),
    ...(it.metadata.annotations?.['external-dns.alpha.kubernetes.io/hostname'] ?? '')
      .split(',')
      .map((host) => toAscii(host.trim().replace(/\.$/, '')))
      .filter((host) => host !== ''),
  ]);
  return {
    region,
    vpc: VPC,
    vpcCidrs: ['10.0.0.0/16', '::/0'],
    subnets: ['subnet-a', 'subnet-b', ...subnets].map((id, index) => ({
      id,
      vpc: VPC,
      zone: `${region}${String.fromCharCode(97 + index)}`,
      freeAddresses: 250,
      hasIpv6: true,
      public: true,
      tags:
        id === 'subnet-a' || id === 'subnet-b'
          ? { 'kubernetes.io/role/elb': '1', 'kubernetes.io/role/internal-elb': '1', ...byTags }
          : {},
    })),
    securityGroups: named(
      stated.flatMap((it) => [it['security-groups'], it['frontend-nlb-security-groups']]),
    ).map((name) => ({
      id: name,
      name,
      vpc: VPC,
      tags: { Name: name },
    })),
    targetGroups: named(stated.map(groupsNamed)).map((name) => ({
      name,
      arn: `arn:aws:elasticloadbalancing:${region}:000000000000:targetgroup/${name}/0000000000000000` as const,
    })),
    zones: [...new Set(hosts.map((host) => host.toLowerCase().split('.').slice(-2).join('.')))]
      .sort()
      .map((name) => ({ id: `zone-${name}`, name, private: false })),
    certificates: named(stated.map((it) => it['certificate-arn'])).map((arn) => ({
      arn,
      domains: [],
      status: 'ISSUED',
    })),
  };
};

/** Target groups that actions name. */
const groupsNamed = (stated: Stated): readonly string[] =>
  [...(stated['actions.*'] ?? [])].flatMap(([, action]) =>
    action.type === 'forward'
      ? action.targets.flatMap((target) => ('targetGroup' in target ? [target.targetGroup] : []))
      : [],
  );

/** First port of the range Kubernetes gives node ports from. */
const FIRST_NODE_PORT = 30_000;

/** The class that an installation brings along, unless the manifests have one of that name. */
export const withClass = (snapshot: Snapshot, name: string): Snapshot =>
  snapshot.ingressClasses.has(name)
    ? snapshot
    : {
        ...snapshot,
        ingressClasses: new Map([
          ...snapshot.ingressClasses,
          [name, { metadata: { name }, spec: { controller: CONTROLLER } }],
        ]),
      };

/** The same cluster with a node port wherever the API server would give one, so that manifests can be planned. */
export const withNodePorts = (snapshot: Snapshot): Snapshot => {
  let next = FIRST_NODE_PORT;
  const services = [...snapshot.services].map(([id, service]): [string, Service] => {
    if (service.spec?.type !== 'NodePort' && service.spec?.type !== 'LoadBalancer') return [id, service];
    const ports = service.spec.ports?.map((port) => ({ ...port, nodePort: port.nodePort ?? next++ })) ?? [];
    return [id, { ...service, spec: { ...service.spec, ports } }];
  });
  return { ...snapshot, services: new Map(services) };
};
