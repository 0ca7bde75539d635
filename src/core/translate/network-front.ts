/** The Network Load Balancer in front of a stack's load balancer, where its Ingresses ask for one. */
import type { FrontendPort } from '../annotations/merge-frontend.ts';
import { FRONTEND_CHECKS } from '../annotations/merge-frontend.ts';
import type { AnnotationName } from '../annotations/table.ts';
import { networkListenerKey, networkLoadBalancerKey, networkTargetGroupKey } from '../model/key.ts';
import {
  NETWORK_LOAD_BALANCER_RESOURCE,
  networkListenerResource,
  networkLoadBalancerName,
  networkTargetGroupName,
  networkTargetGroupResource,
  ownershipTags,
} from '../model/names.ts';
import type { HealthCheck, NetworkLoadBalancerSpec, Resource } from '../model/resource.ts';
import type { IpAddressType, Scheme } from '../model/scheme.ts';
import { withNote } from '../model/stated-settings.ts';
import type { Tags } from '../model/tags.ts';
import type { Defaults } from './defaults.ts';
import { type FrontInput, statedGroups } from './load-balancer.ts';
import { elasticAddresses } from './network-addresses.ts';
import { discoveredSubnets, statedSubnets } from './subnets.ts';
import { userTags } from './user-tags.ts';

export type NetworkFrontInput = FrontInput & {
  readonly defaults: Defaults;
  readonly loadBalancer: Resource<'load-balancer'>;
  /** Ports that the load balancer listens on. */
  readonly ports: ReadonlySet<number>;
};

export type NetworkFront = {
  readonly balancer: Resource<'network-load-balancer'>;
  readonly parts: readonly (Resource<'network-target-group'> | Resource<'network-listener'>)[];
};

/**
 * Undefined where nobody wants one, or where it cannot be made; the reason has been reported. A mistake leaves the one that
 * stands: its addresses would be lost with it.
 */
export const networkFrontOf = (input: NetworkFrontInput): NetworkFront | undefined => {
  const { settings, known } = input;
  const have = known.front.balancer;
  const enabled = settings.isUnknown('enable-frontend-nlb')
    ? have !== undefined
    : settings.settings['enable-frontend-nlb'];
  if (!enabled) return undefined;
  const balancer = balancerOf(input) ?? have;
  if (!balancer) return undefined;
  return { balancer, parts: portsOf(input).flatMap((port) => partsOf(port, balancer, input)) };
};

const balancerOf = (input: NetworkFrontInput): Resource<'network-load-balancer'> | undefined => {
  const { cluster, stack, settings, known, loadBalancer, defaults } = input;
  const { settings: said, isUnknown } = settings;
  const have = known.front.balancer?.spec;
  const stated = said['frontend-nlb-scheme'] ?? defaults.settings.scheme ?? 'internal';
  const scheme = isUnknown('frontend-nlb-scheme') && have ? have.scheme : stated;
  const same = have?.scheme === scheme ? have : undefined;
  const subnets = subnetsOf(scheme, same, input);
  if (!subnets) return undefined;
  const addresses = elasticAddresses(scheme, subnets, same, input);
  const securityGroups = statedGroups(
    'frontend-nlb-security-groups',
    have?.securityGroups,
    loadBalancer.spec.securityGroups,
    input,
  );
  if (!addresses || !securityGroups) return undefined;
  const attributes = isUnknown('frontend-nlb-attributes')
    ? { ...have?.attributes, ...said['frontend-nlb-attributes'] }
    : said['frontend-nlb-attributes'];
  return {
    kind: 'network-load-balancer',
    key: networkLoadBalancerKey(stack, scheme),
    spec: {
      name: networkLoadBalancerName(loadBalancer.spec.name),
      scheme,
      ipAddressType: addressTypeOf(loadBalancer.spec.ipAddressType),
      subnets,
      addresses,
      securityGroups,
      attributes,
      tags: withNote(
        tagsOf(ownershipTags(cluster, stack, NETWORK_LOAD_BALANCER_RESOURCE), have?.tags, input),
        Object.keys(attributes),
      ),
    },
  };
};

const addressTypeOf = (ofLoadBalancer: IpAddressType): NetworkLoadBalancerSpec['ipAddressType'] =>
  ofLoadBalancer === 'ipv4' ? 'ipv4' : 'dualstack';

const tagsOf = (ownership: Tags, have: Tags | undefined, { settings, defaults }: NetworkFrontInput): Tags => {
  const { 'frontend-nlb-tags': own = {}, tags } = settings.settings;
  const isOwn = Object.keys(own).length > 0;
  const unknown = settings.isUnknown('frontend-nlb-tags') || (!isOwn && settings.isUnknown('tags'));
  if (unknown && have) return have;
  return { ...userTags(isOwn ? { ...own, ...defaults.tags } : tags), ...ownership };
};

/** As with a load balancer: one that stands keeps its subnets unless somebody states others. */
const subnetsOf = (
  scheme: Scheme,
  have: NetworkLoadBalancerSpec | undefined,
  { settings, facts, cluster, defaults, loadBalancer, report }: NetworkFrontInput,
): readonly string[] | undefined => {
  const stated = settings.settings['frontend-nlb-subnets'];
  if (have && (stated === undefined || settings.isUnknown('frontend-nlb-subnets'))) return have.subnets;
  if (stated === undefined && scheme === loadBalancer.spec.scheme) return loadBalancer.spec.subnets;
  const dualstack = loadBalancer.spec.ipAddressType !== 'ipv4';
  const choice = stated
    ? statedSubnets(stated, facts, 1)
    : discoveredSubnets(scheme, dualstack, facts, { cluster, ofOthers: defaults.subnetsOfOthers, least: 1 });
  if ('subnets' in choice) return choice.subnets;
  report(
    'SubnetsUnusable',
    'frontend-nlb-subnets',
    stated ? choice.wrong : `not stated, and discovery found ${choice.wrong}`,
  );
  return have?.subnets;
};

/** Whether it cannot be told which ports there should be. */
const PORTS = [
  'frontend-nlb-listener-port-mapping',
  'listen-ports',
  'certificate-arn',
] as const satisfies readonly AnnotationName[];

type WantedPort = Pick<FrontendPort, 'port' | 'target' | 'healthCheck'>;

/** Only what leads to a listener that is there; what serves now stays where somebody's ports cannot be told. */
const portsOf = ({ settings, known, ports }: NetworkFrontInput): readonly WantedPort[] => {
  const wanted = settings.frontend.filter(({ target }) => ports.has(target));
  if (!PORTS.some(settings.isUnknown)) return wanted;
  const named = new Set(wanted.map(({ port }) => port));
  const kept = [...known.front.ports]
    .map(
      ([
        port,
        {
          group: { spec },
        },
      ]) => ({ port, target: spec.target.port, healthCheck: spec.healthCheck }),
    )
    .filter(({ port, target }) => !named.has(port) && ports.has(target));
  return [...wanted, ...kept].sort((a, b) => a.port - b.port);
};

const partsOf = (
  { port, target, healthCheck }: WantedPort,
  balancer: Resource<'network-load-balancer'>,
  input: NetworkFrontInput,
): NetworkFront['parts'] => {
  const { cluster, stack, facts, known, loadBalancer } = input;
  const have = known.front.ports.get(port);
  const check = checkOf(healthCheck, have?.group.spec.healthCheck, input);
  if (!check) return [];
  const place = { loadBalancer: loadBalancer.key, port: target };
  const tags = (resource: string, found: Tags | undefined): Tags =>
    tagsOf(ownershipTags(cluster, stack, resource), found, input);
  const group: Resource<'network-target-group'> = {
    kind: 'network-target-group',
    key: networkTargetGroupKey(balancer.key, port, place),
    spec: {
      name: networkTargetGroupName(cluster, stack, port, check),
      loadBalancer: balancer.key,
      vpc: facts.vpc,
      port,
      target: place,
      healthCheck: check,
      tags: tags(networkTargetGroupResource(port), have?.group.spec.tags),
    },
  };
  const listener: Resource<'network-listener'> = {
    kind: 'network-listener',
    key: networkListenerKey(balancer.key, port),
    spec: {
      loadBalancer: balancer.key,
      port,
      targetGroup: group.key,
      application: loadBalancer.key,
      tags: tags(networkListenerResource(port), have?.listener.spec.tags),
    },
  };
  return [group, listener];
};

const checkOf = (
  wanted: HealthCheck,
  have: HealthCheck | undefined,
  { settings, report }: NetworkFrontInput,
): HealthCheck | undefined => {
  if (FRONTEND_CHECKS.some(settings.isUnknown) && have) return have;
  if (wanted.timeout < wanted.interval) return wanted;
  report(
    'InvalidAnnotation',
    'frontend-nlb-healthcheck-timeout-seconds',
    `expected less than frontend-nlb-healthcheck-interval-seconds, ${wanted.interval}, got "${wanted.timeout}"`,
  );
  return have;
};
