/** What our translation makes of Ingresses and Services as the tables have them: often without a name, a class or rules. */
import { snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { objectId } from '../../src/core/kube/objects.ts';
import { NOTHING } from '../../src/core/model/actual.ts';
import { assumedFacts } from '../../src/core/model/assumed-facts.ts';
import type { Facts } from '../../src/core/model/facts.ts';
import type { Kind } from '../../src/core/model/key.ts';
import type { Resource } from '../../src/core/model/resource.ts';
import type { Tags } from '../../src/core/model/tags.ts';
import { type Defaults, NO_DEFAULTS } from '../../src/core/translate/defaults.ts';
import { type Desired, translate } from '../../src/core/translate/translate.ts';
import type { Json } from './vectors.ts';

const PREFIX = 'alb.ingress.kubernetes.io/';
const GROUP = `${PREFIX}group.name`;

export type Asked = {
  /** As the tables have them: `{ ing, ingClassConfig }`. */
  readonly members: readonly Json[];
  readonly services?: readonly Json[];
  readonly defaults?: Partial<Defaults>;
  readonly facts?: Partial<Facts>;
  /** Whatever is told: some paths may be left out. */
  readonly anyway?: true;
  /** More annotations for every member. */
  readonly annotations?: Readonly<Record<string, string>>;
};

const stated = (annotations: Asked['annotations'] = {}): Json =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${PREFIX}${name}`, value]));

const classFor = (config: Json): readonly Json[] => {
  const params = config?.ingClassParams;
  const spec = {
    controller: 'ingress.k8s.aws/alb',
    ...(params && { parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: 'params' } }),
  };
  return [
    { kind: 'IngressClass', metadata: { name: 'alb' }, spec },
    ...(params ? [{ ...params, kind: 'IngressClassParams', metadata: { name: 'params' } }] : []),
  ];
};

/** Every member has a host and a path of its own, to the first Service or to an answer of the load balancer. */
const memberOf =
  ({ services = [], annotations }: Asked) =>
  ({ ing }: Json, index: number): Json => {
    const namespace = ing.metadata?.namespace ?? 'default';
    const service = services[0]?.metadata.name;
    const backend = service
      ? { service: { name: service, port: { number: services[0].spec.ports[0].port } } }
      : { service: { name: 'answer', port: { name: 'use-annotation' } } };
    const paths = [{ path: `/${index}`, pathType: 'Exact', backend }];
    return {
      kind: 'Ingress',
      metadata: {
        ...ing.metadata,
        namespace,
        name: `member-${index}`,
        annotations: {
          [`${PREFIX}actions.answer`]: '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"404"}}',
          [GROUP]: 'group',
          ...stated(annotations),
          ...ing.metadata?.annotations,
        },
      },
      spec: { ingressClassName: 'alb', rules: [{ host: 'example.com', http: { paths } }], ...ing.spec },
    };
  };

/** A Service as it would have been stored. */
export const stored = (service: Json, port: Json = { port: 80, nodePort: 30_080 }): Json => ({
  ...service,
  kind: 'Service',
  metadata: { uid: 'uid', ...service.metadata },
  spec: { type: 'NodePort', ports: [port], ...service.spec },
});

/** Throws what an Ingress would be told that says something wrong. */
export const makeOf = (asked: Asked): Desired => {
  const ingresses = asked.members.map(memberOf(asked));
  const snapshot = snapshotFromObjects([
    ...classFor(asked.members[0]?.ingClassConfig),
    ...(asked.services ?? []),
    ...ingresses,
  ]);
  const made = translate({
    stack: 'group',
    snapshot,
    ingresses: ingresses.map(({ metadata }) => objectId(metadata)),
    facts: { ...assumedFacts(snapshot, 'us-west-2'), ...asked.facts },
    actual: NOTHING,
    cluster: 'cluster',
    scope: { ingressClass: 'alb', namespaces: [], defaults: { ...NO_DEFAULTS, ...asked.defaults } },
    dns: false,
  });
  const problem = made.problems.find(({ message }) => !message.includes('has no effect, because'));
  if (problem && !asked.anyway) throw new Error(problem.message);
  return made;
};

export const allOf = <K extends Kind>({ graph }: Desired, kind: K): readonly Resource<K>[] =>
  [...graph.values()].filter((it) => it.kind === kind) as unknown as readonly Resource<K>[];

/** Tags that users asked for. */
export const userTagsOf = (tags: Tags): Tags =>
  Object.fromEntries(
    Object.entries(tags).filter(
      ([key]) => !/^(elbv2\.k8s\.aws|ingress\.k8s\.aws|alb\.ingress\.kubernetes\.io)\//.test(key),
    ),
  );
