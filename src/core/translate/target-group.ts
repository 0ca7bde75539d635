/** A target group for one Service port of one Ingress. */
import { type Overlay, overlay, type TargetGroupSettings } from '../annotations/overlay.ts';
import { problemText } from '../annotations/problem.ts';
import { readSettings } from '../annotations/read.ts';
import type { StringMap } from '../annotations/string-map.ts';
import { PREFIX } from '../annotations/table.ts';
import type { Service, ServicePort } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { TargetType } from '../model/backend.ts';
import type { Facts } from '../model/facts.ts';
import { type Key, targetGroupKey } from '../model/key.ts';
import { INGRESS_TAG, ownershipTags, targetGroupName, targetGroupResource } from '../model/names.ts';
import { sharedWith } from '../model/registered-note.ts';
import type { HealthCheck, Resource, Target, TargetGroupSpec } from '../model/resource.ts';
import { settingsNote } from '../model/stated-settings.ts';
import { type Defaults, withFlags } from './defaults.ts';
import type { LastKnown } from './last-known.ts';
import type { Member } from './member.ts';
import { withProbe } from './readiness-probe.ts';
import { instanceTargets, ipTargets } from './targets.ts';
import { userTags } from './user-tags.ts';

export type BackendContext = {
  readonly cluster: string;
  readonly stack: string;
  readonly loadBalancer: Key<'load-balancer'>;
  /** Whether the load balancer has IPv6 addresses. */
  readonly dualstack: boolean;
  readonly snapshot: Snapshot;
  readonly facts: Facts;
  readonly defaults: Defaults;
  /** ARNs of the target groups that were made for this stack. */
  readonly ownGroups: ReadonlySet<string>;
  /** As AWS has them. */
  readonly targetGroups: LastKnown['targetGroups'];
};

export type TargetGroupChoice =
  | { readonly made: Resource<'target-group'> }
  /** About an annotation of the Ingress: the same for all its paths. */
  | { readonly misstated: string }
  | { readonly wrong: string }
  | { readonly missing: string };

/** The target group for a Service port as a backend writes it: by number or by name. */
export const targetGroupFor = (
  member: Member,
  serviceName: string,
  portRef: number | string,
  context: BackendContext,
): TargetGroupChoice => {
  const namespace = member.ingress.metadata.namespace ?? 'default';
  const id = `${namespace}/${serviceName}`;
  const service = context.snapshot.services.get(id);
  if (!service) return { missing: `Service ${id} does not exist` };
  const port = findPort(service, portRef);
  if (!port) return { wrong: `Service ${id} has no port ${portRef}; it has ${portList(service)}` };
  const read = withFlags(readSettings(service.metadata.annotations, 'service'), context.defaults);
  const both = overlay(read, member.reading);
  const ofIngress = both.problems.find((it) => it.on === 'ingress');
  if (ofIngress) return { misstated: problemText(ofIngress.problem) };
  const ofService = [...read.problems, ...both.problems.map((it) => it.problem)];
  const error = ofService.find((problem) => problem.severity === 'error' || problem.guards);
  if (error) return { wrong: `Service ${id}: ${problemText(error)}` };
  const shared = 'multi-cluster-target-group';
  const settings = {
    ...both.settings,
    [shared]: both.settings[shared] || member.reading.settings[shared],
  };
  return make(member, service, port, String(portRef), { settings, isStated: both.isStated }, context);
};

/** Labels that nodes need to be targets of a Service; undefined where what is stated cannot be used. */
export const nodeLabelsFor = (service: Service, member: Member): StringMap | undefined => {
  const both = overlay(readSettings(service.metadata.annotations, 'service'), member.reading);
  return both.invalid.has('target-node-labels') ? undefined : both.settings['target-node-labels'];
};

const findPort = (service: Service, ref: number | string): ServicePort | undefined =>
  service.spec?.ports?.find((port) => (typeof ref === 'number' ? port.port === ref : port.name === ref));

const portList = (service: Service): string =>
  service.spec?.ports
    ?.map((port) => (port.name ? `${port.port} (${port.name})` : String(port.port)))
    .join(', ') || 'none';

const make = (
  member: Member,
  service: Service,
  port: ServicePort,
  portRef: string,
  { settings: stated, isStated }: Pick<Overlay, 'settings' | 'isStated'>,
  context: BackendContext,
): TargetGroupChoice => {
  const { cluster, stack, loadBalancer, snapshot, facts, defaults } = context;
  const { 'target-type': targetType, 'target-node-labels': nodeLabels } = stated;
  const number = targetGroupPort(service, port, targetType);
  if ('wrong' in number) return number;
  const control = controlPortOf(member, service, port, portRef, targetType);
  if (typeof control === 'object') return control;
  const family = familyOf(service, context);
  if ('wrong' in family) return family;
  const { ipAddressType } = family;
  const resource = targetGroupResource(member.id, service.metadata.name, portRef);
  const fixed = {
    targetType,
    protocol: stated['backend-protocol'],
    protocolVersion: stated['backend-protocol-version'],
    port: number.port,
    ...(control !== undefined && { controlPort: control }),
    ...(ipAddressType && { ipAddressType }),
  };
  const key = targetGroupKey(loadBalancer, resource, fixed);
  const have = context.targetGroups.get(key)?.spec;
  const settings = withProbe({
    ...{ service, port, settings: stated, isStated, snapshot },
    have: have?.healthCheck,
  });
  if ('wrong' in settings) return settings;
  const check = healthCheckOf(service, settings);
  if ('wrong' in check) return check;
  const names = { ingress: member.id, service: service.metadata.name, servicePort: portRef };
  const identity = { ...names, serviceUid: service.metadata.uid ?? '', targetGroupPort: number.port };
  const spec = {
    name: targetGroupName({ ...fixed, ...identity, cluster, stack }),
    loadBalancer,
    vpc: facts.vpc,
    ...fixed,
    healthCheck: check.check,
    attributes: settings['target-group-attributes'],
    targets: targetsOf(service, port, { type: targetType, nodeLabels, ipAddressType }, snapshot, facts),
    tags: {
      ...userTags({ ...settings.tags, ...defaults.tags }),
      ...ownershipTags(cluster, stack, resource),
      [INGRESS_TAG]: member.id,
      ...settingsNote(Object.keys(settings['target-group-attributes'])),
    },
  };
  const whole = settings['multi-cluster-target-group'] ? sharedWith(spec, have) : spec;
  return { made: { kind: 'target-group', key, spec: whole } };
};

/** A Service of both families is reached over IPv6 where the load balancer can, as LBC does it. */
const familyOf = (
  { metadata, spec }: Service,
  { dualstack }: BackendContext,
): { readonly ipAddressType?: 'ipv6' } | { readonly wrong: string } => {
  const families = spec?.ipFamilies ?? [];
  if (!families.includes('IPv6')) return {};
  if (dualstack) return { ipAddressType: 'ipv6' };
  return families.includes('IPv4')
    ? {}
    : {
        wrong: `Service ${metadata.namespace}/${metadata.name} has IPv6 addresses only, and the load balancer has none; expected the annotation ${PREFIX}ip-address-type: dualstack, or a Service with IPv4`,
      };
};

/** By the port as the backend writes it, or by its number. */
const controlPortOf = (
  member: Member,
  { metadata: { name } }: Service,
  { port }: ServicePort,
  portRef: string,
  type: TargetType,
): number | undefined | { misstated: string } => {
  const stated = member.reading.settings['target-control-port.*'];
  const [key, value] =
    [`${name}.${portRef}`, `${name}.${port}`].flatMap((it): [string, number][] => {
      const found = stated.get(it);
      return found === undefined ? [] : [[it, found]];
    })[0] ?? [];
  if (value === undefined || type === 'ip') return value;
  return {
    misstated: `${PREFIX}target-control-port.${key}: expected target-type ip for Service ${name}, not ${type}; agents run beside pods`,
  };
};

/** AWS only uses it as a default; LBC puts it into the name, 1 where a pod's port has a name only. */
const targetGroupPort = (
  service: Service,
  port: ServicePort,
  type: TargetType,
): { port: number } | { wrong: string } => {
  if (type === 'ip')
    return { port: typeof port.targetPort === 'string' ? 1 : (port.targetPort ?? port.port) };
  if (port.nodePort) return { port: port.nodePort };
  return {
    wrong: `Service ${service.metadata.namespace}/${service.metadata.name} is of type ${service.spec?.type ?? 'ClusterIP'} and has no node port; expected type NodePort or LoadBalancer, or the annotation target-type: ip`,
  };
};

export type TargetChoice = {
  readonly type: TargetType;
  readonly nodeLabels: StringMap;
  readonly ipAddressType: TargetGroupSpec['ipAddressType'];
};

/** The targets of a Service port right now. */
export const targetsOf = (
  service: Service,
  port: ServicePort,
  { type, nodeLabels, ipAddressType }: TargetChoice,
  snapshot: Snapshot,
  facts: Facts,
): readonly Target[] => {
  if (type === 'ip') return ipTargets(service, port, snapshot, facts, ipAddressType);
  return port.nodePort ? instanceTargets(snapshot.nodes.values(), port.nodePort, nodeLabels) : [];
};

const healthCheckOf = (
  service: Service,
  settings: TargetGroupSettings,
): { check: HealthCheck } | { wrong: string } => {
  const port = healthCheckPort(service, settings);
  if ('wrong' in port) return port;
  return {
    check: {
      protocol: settings['healthcheck-protocol'],
      port: port.port,
      path: settings['healthcheck-path'],
      interval: settings['healthcheck-interval-seconds'],
      timeout: settings['healthcheck-timeout-seconds'],
      healthyThreshold: settings['healthy-threshold-count'],
      unhealthyThreshold: settings['unhealthy-threshold-count'],
      codes: settings['success-codes'].text,
    },
  };
};

const healthCheckPort = (
  service: Service,
  settings: TargetGroupSettings,
): { port: string } | { wrong: string } => {
  const stated = settings['healthcheck-port'];
  if (typeof stated !== 'object') return { port: String(stated) };
  const port = findPort(service, stated.name);
  const id = `${service.metadata.namespace}/${service.metadata.name}`;
  if (!port)
    return {
      wrong: `healthcheck-port: Service ${id} has no port named ${stated.name}; it has ${portList(service)}`,
    };
  const number = settings['target-type'] === 'instance' ? port.nodePort : port.targetPort;
  if (typeof number === 'number') return { port: String(number) };
  return {
    wrong: `healthcheck-port: port ${stated.name} of Service ${id} has no number that a health check can use; expected a port number`,
  };
};
