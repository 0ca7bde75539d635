/** Health checks that ask what the readiness probe of the Pods asks. */
import type { TargetGroupName, TargetGroupSettings } from '../annotations/overlay.ts';
import { PREFIX } from '../annotations/table.ts';
import { objectId, type Pod, type ProbedContainer, type Service, type ServicePort } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { HealthCheck } from '../model/resource.ts';

const NAME = 'healthcheck-from-readiness-probe';

type Probe = { readonly path: string; readonly protocol: 'HTTP' | 'HTTPS'; readonly port: number };
type Wrong = { readonly wrong: string };

export type ProbeInput = {
  readonly service: Service;
  readonly port: ServicePort;
  readonly settings: TargetGroupSettings;
  readonly isStated: (name: TargetGroupName) => boolean;
  readonly snapshot: Snapshot;
  /** Of the target group as AWS has it. */
  readonly have: HealthCheck | undefined;
};

/**
 * The settings with path, port, protocol and success codes of the probe, where nobody states them. Without Pods what AWS has stays.
 * Kubernetes: a probe without path asks for `/`, one without scheme speaks HTTP.
 */
export const withProbe = (input: ProbeInput): TargetGroupSettings | Wrong => {
  const { settings, isStated } = input;
  if (!settings[NAME]) return settings;
  const found = checkOf(input);
  if (found === undefined) return settings;
  if ('wrong' in found) return { wrong: `${PREFIX}${NAME}: ${found.wrong}` };
  return {
    ...settings,
    ...(!isStated('healthcheck-path') && { 'healthcheck-path': found.path }),
    ...(!isStated('healthcheck-port') && { 'healthcheck-port': found.port }),
    ...(!isStated('healthcheck-protocol') && { 'healthcheck-protocol': found.protocol }),
    ...(!isStated('success-codes') && { 'success-codes': { text: found.codes, grpc: false } }),
  };
};

/** What Kubernetes takes for a success of a probe over HTTP (documentation of probes). */
const SUCCESS = '200-399';

type Check = Pick<HealthCheck, 'path' | 'protocol' | 'codes'> & { readonly port: number | 'traffic-port' };

const checkOf = ({ service, port, settings, snapshot, have }: ProbeInput): Check | Wrong | undefined => {
  if (settings['backend-protocol-version'] === 'GRPC')
    return { wrong: 'a readiness probe over HTTP cannot check targets of gRPC; expected healthcheck-path' };
  const unseen = snapshot.unseen?.get('pods');
  if (unseen !== undefined) return { wrong: `needs to see Pods: ${unseen}` };
  const pods = podsOf(service, snapshot);
  if (pods.length === 0)
    return have && { ...have, port: have.port === 'traffic-port' ? have.port : Number(have.port) };
  const probes = new Map<string, { readonly pod: Pod; readonly probe: Probe; readonly serves: number }>();
  for (const pod of pods) {
    const probe = probeOf(pod, port);
    if ('wrong' in probe) return { wrong: `Pod ${objectId(pod.metadata)} ${probe.wrong}` };
    probes.set(JSON.stringify(probe.probe), { pod, ...probe });
  }
  const [first, second] = [...probes.values()];
  if (!first) return undefined;
  if (second)
    return {
      wrong: `Pods ${objectId(first.pod.metadata)} and ${objectId(second.pod.metadata)} have different readiness probes; until they agree the check stays as it is`,
    };
  const at = portFor(first.probe.port, first.serves, { service, port, settings });
  return typeof at === 'object' ? at : { ...first.probe, port: at, codes: SUCCESS };
};

/** Pods behind a Service that are not about to go. */
const podsOf = ({ metadata }: Service, { endpointSlices, pods }: Snapshot): readonly Pod[] => {
  const names = (endpointSlices.get(objectId(metadata)) ?? []).flatMap(({ endpoints }) =>
    (endpoints ?? []).flatMap(({ targetRef }) => (targetRef?.kind === 'Pod' ? (targetRef.name ?? []) : [])),
  );
  return [...new Set(names)].sort().flatMap((name) => {
    const pod = pods.get(`${metadata.namespace}/${name}`);
    return pod && pod.metadata.deletionTimestamp === undefined ? pod : [];
  });
};

const probeOf = (
  pod: Pod,
  { port, targetPort = port }: ServicePort,
): { readonly probe: Probe; readonly serves: number } | Wrong => {
  const containers = pod.spec?.containers ?? [];
  const serving = containers.filter(
    (it) => numberOf(targetPort, it) !== undefined && exposes(it, targetPort),
  );
  const [container, other] = serving.length > 0 ? serving : containers;
  if (!container) return { wrong: 'has no readiness probe; expected one with httpGet' };
  if (other)
    return { wrong: 'has several containers with a readiness probe; expected the port of one of them' };
  const get = container.readinessProbe?.httpGet;
  if (!get) return { wrong: 'has a readiness probe of another kind; expected one with httpGet' };
  const number = numberOf(get.port, container);
  if (number === undefined)
    return { wrong: `has a readiness probe of port ${get.port}, which its container does not name` };
  const path = get.path === undefined || get.path === '' ? '/' : get.path;
  const protocol = get.scheme === 'HTTPS' ? 'HTTPS' : 'HTTP';
  return {
    probe: { path: path.startsWith('/') ? path : `/${path}`, protocol, port: number },
    serves: numberOf(targetPort, container) ?? 0,
  };
};

const numberOf = (port: number | string, { ports = [] }: ProbedContainer): number | undefined =>
  typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.containerPort;

const exposes = ({ ports = [] }: ProbedContainer, port: number | string): boolean =>
  ports.some(({ name, containerPort }) => name === port || containerPort === port);

/** Where a check finds that port of a Pod: on the Pod itself, or on the node that leads to it. */
const portFor = (
  number: number,
  serves: number,
  { service, settings }: Pick<ProbeInput, 'service' | 'port' | 'settings'>,
): number | 'traffic-port' | Wrong => {
  if (number === serves) return 'traffic-port';
  if (settings['target-type'] === 'ip') return number;
  const leading = service.spec?.ports?.find(({ port, targetPort = port }) => targetPort === number);
  if (leading?.nodePort) return leading.nodePort;
  return {
    wrong: `the readiness probe asks port ${number}, to which no node port of Service ${objectId(service.metadata)} leads; expected one, or target-type ip`,
  };
};
