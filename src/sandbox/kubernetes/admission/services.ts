import type { Cluster } from '../api/cluster.ts';
import {
  type Cause,
  duplicate,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../api/errors.ts';
import { isJsonObject, type JsonObject, type KubeObject, sameJson } from '../object.ts';
import { balanced } from './load-balancer-status.ts';
import type { Rule, Writing } from './rule.ts';

/** The range kube-apiserver hands node ports out of by default. */
const NODE_PORTS = { first: 30000, last: 32767 };

/** Services get a cluster IP and, when they ask for them, node ports; both are unique and kept over updates. */
export const serviceRule: Rule = {
  defaults: (object) => ({
    ...object,
    spec: defaultSpec(specOf(object)),
    status: balanced(object),
  }),
  validate: (writing) => validateService(writing),
  prepare: ({ cluster, object, before }) => ({ ...object, spec: allocate(cluster, object, before) }),
};

const specOf = (object: KubeObject | undefined): JsonObject =>
  isJsonObject(object?.spec) ? object.spec : {};

const portsOf = (spec: JsonObject): readonly JsonObject[] =>
  Array.isArray(spec.ports) ? spec.ports.filter(isJsonObject) : [];

const hasNodePorts = (spec: JsonObject): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

const defaultSpec = (spec: JsonObject): JsonObject => {
  const type = spec.type ?? 'ClusterIP';
  const ports = portsOf(spec).map((port) => ({ protocol: 'TCP', targetPort: port.port, ...port }));
  if (type === 'ExternalName')
    return { sessionAffinity: 'None', ...spec, ...(ports.length > 0 ? { ports } : {}), type };
  const external = type === 'NodePort' || type === 'LoadBalancer';
  return {
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ...(external ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
    ...spec,
    ...(ports.length > 0 ? { ports } : {}),
    type,
  };
};

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

const validateService = ({ cluster, object, before }: Writing): readonly Cause[] => {
  const spec = specOf(object);
  const ports = portsOf(spec);
  const causes: Cause[] = [];
  if (!TYPES.includes(String(spec.type))) causes.push(notSupported('spec.type', spec.type, TYPES));
  if (spec.type === 'ExternalName') {
    if (!spec.externalName) causes.push(required('spec.externalName'));
  } else if (ports.length === 0 && spec.clusterIP !== 'None') causes.push(required('spec.ports'));
  const names = new Set<unknown>();
  ports.forEach((port, at) => {
    causes.push(...checkPort(port, `spec.ports[${at}]`, ports.length > 1));
    if (port.name !== undefined && names.has(port.name))
      causes.push(duplicate(`spec.ports[${at}].name`, port.name));
    names.add(port.name);
  });
  const old = specOf(before).clusterIP;
  if (
    typeof old === 'string' &&
    old !== '' &&
    spec.clusterIP !== undefined &&
    spec.clusterIP !== old &&
    spec.type !== 'ExternalName' &&
    specOf(before).type !== 'ExternalName'
  ) {
    causes.push({ ...invalidValue('spec.clusterIPs[0]', [spec.clusterIP], 'may not change once set') });
  }
  return [...causes, ...checkNodePorts(cluster, object, spec)];
};

const checkPort = (port: JsonObject, field: string, several: boolean): readonly Cause[] => {
  const causes: Cause[] = [];
  const range = 'must be between 1 and 65535, inclusive';
  if (several && !port.name) causes.push(required(`${field}.name`));
  if (typeof port.port === 'number' && (port.port < 1 || port.port > 65535))
    causes.push(invalidValue(`${field}.port`, port.port, range));
  if (typeof port.targetPort === 'number' && (port.targetPort < 1 || port.targetPort > 65535)) {
    causes.push(invalidValue(`${field}.targetPort`, port.targetPort, range));
  }
  if (!PROTOCOLS.includes(String(port.protocol)))
    causes.push(notSupported(`${field}.protocol`, port.protocol, PROTOCOLS));
  return causes;
};

const checkNodePorts = (cluster: Cluster, object: KubeObject, spec: JsonObject): readonly Cause[] => {
  const taken = takenPorts(cluster, object);
  return portsOf(spec).flatMap((port, at) => {
    const field = `spec.ports[${at}].nodePort`;
    const { nodePort } = port;
    if (typeof nodePort !== 'number' || nodePort === 0) return [];
    if (!hasNodePorts(spec)) return [forbiddenField(field, "may not be used when `type` is 'ClusterIP'")];
    if (nodePort < NODE_PORTS.first || nodePort > NODE_PORTS.last) {
      return [
        invalidValue(
          field,
          nodePort,
          `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.first}-${NODE_PORTS.last}`,
        ),
      ];
    }
    return taken.has(nodePort) ? [invalidValue(field, nodePort, 'provided port is already allocated')] : [];
  });
};

const others = (cluster: Cluster, object: KubeObject): readonly JsonObject[] =>
  cluster.store
    .list('services')
    .filter((one) => one.metadata.uid !== object.metadata.uid)
    .map(specOf);

const takenPorts = (cluster: Cluster, object: KubeObject): ReadonlySet<unknown> =>
  new Set(others(cluster, object).flatMap((spec) => portsOf(spec).map((port) => port.nodePort)));

const allocate = (cluster: Cluster, object: KubeObject, before: KubeObject | undefined): JsonObject => {
  const spec = specOf(object);
  const old = specOf(before);
  const { clusterIP: _ip, clusterIPs: _ips, ...rest } = spec;
  if (spec.type === 'ExternalName') return rest;
  const clusterIP = spec.clusterIP || old.clusterIP || freeAddress(cluster, object);
  const ports = hasNodePorts(spec)
    ? withNodePorts(cluster, object, portsOf(spec), portsOf(old))
    : portsOf(spec).map(withoutNodePort);
  return { ...rest, clusterIP, clusterIPs: [clusterIP], ...(ports.length > 0 ? { ports } : {}) };
};

const withoutNodePort = ({ nodePort: _, ...port }: JsonObject): JsonObject => port;

const withNodePorts = (
  cluster: Cluster,
  object: KubeObject,
  ports: readonly JsonObject[],
  old: readonly JsonObject[],
): JsonObject[] => {
  const taken = new Set([...takenPorts(cluster, object), ...ports.map((port) => port.nodePort)]);
  return ports.map((port) => {
    if (port.nodePort) return port;
    const kept = old.find((one) => sameJson([one.port, one.protocol], [port.port, port.protocol]))?.nodePort;
    const nodePort = kept !== undefined && !taken.has(kept) ? kept : freePort(taken);
    taken.add(nodePort);
    return { ...port, nodePort };
  });
};

const freePort = (taken: ReadonlySet<unknown>): number => {
  const size = NODE_PORTS.last - NODE_PORTS.first + 1;
  const start = Math.floor(Math.random() * size);
  for (let step = 0; step < size; step += 1) {
    const port = NODE_PORTS.first + ((start + step) % size);
    if (!taken.has(port)) return port;
  }
  throw new Error(
    `all node ports ${NODE_PORTS.first}-${NODE_PORTS.last} are taken: delete a Service of type NodePort`,
  );
};

const freeAddress = (cluster: Cluster, object: KubeObject): string => {
  const taken = new Set(others(cluster, object).map((spec) => spec.clusterIP));
  for (let number = 11; number < 65_535; number += 1) {
    const address = `${cluster.networks.servicePrefix}.${number >> 8}.${number & 255}`;
    if (!taken.has(address)) return address;
  }
  throw new Error('all Service addresses are taken');
};
