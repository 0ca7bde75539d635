/** One load balancer with one listener whose rules match paths: the world of the laws about what requests meet. */
import { type Key, listenerKey, loadBalancerKey } from '../../src/core/model/key.ts';
import type { Graph, ListenerSpec, Resource } from '../../src/core/model/resource.ts';
import { type Action, ruleKey } from '../../src/core/model/rule.ts';

export const GRACES = { loadBalancer: 60, targetGroup: 300 };
const BALANCER = loadBalancerKey('ns/web', 'internal');

export const PATTERNS = ['/a', '/a/*', '/a*', '/*', '/b', '/b*', '/?', '*x'] as const;
export const REQUESTS = ['/a', '/a/x', '/ab', '/b', '/bx', '/', '/c', '/c/x'];

type Port = Pick<ListenerSpec, 'port' | 'protocol' | 'certificates' | 'sslPolicy'>;
export const HTTP: Port = { port: 80, protocol: 'HTTP', certificates: [], sslPolicy: '' };
export const HTTPS: Port = { port: 443, protocol: 'HTTPS', certificates: ['arn:c'], sslPolicy: 'p' };

type Rules = {
  readonly rules: readonly { readonly pattern: string; readonly actions: readonly Action[] }[];
  readonly fallback: readonly Action[];
};

export const keyOfRule = ({ port }: Port, pattern: string): Key<'rule'> =>
  ruleKey(listenerKey(BALANCER, port), conditionsOf(pattern));

const conditionsOf = (pattern: string) => [{ field: 'path-pattern' as const, values: [pattern] }];

/** A stack with these rules, `gap` apart: 1 is what LBC writes, 2 leaves little room, 100 is ours. */
export const listenerGraph = (at: Port, { rules, fallback }: Rules, gap: number): Graph => {
  const key = listenerKey(BALANCER, at.port);
  const made: Resource[] = [
    {
      kind: 'load-balancer',
      key: BALANCER,
      spec: {
        name: 'k8s-web',
        scheme: 'internal',
        ipAddressType: 'ipv4',
        subnets: ['s-1', 's-2'],
        securityGroups: ['sg-1'],
        attributes: {},
        tags: {},
      },
    },
    {
      kind: 'listener',
      key,
      spec: { loadBalancer: BALANCER, ...at, defaultActions: fallback, tags: {} },
    },
    ...rules.map(({ pattern, actions }, index): Resource => {
      const priority = gap * (index + 1);
      const spec = { listener: key, priority, conditions: conditionsOf(pattern), actions, tags: {} };
      return { kind: 'rule', key: keyOfRule(at, pattern), spec };
    }),
  ];
  return new Map(made.map((resource) => [resource.key, resource]));
};

/** What an ALB does with each of REQUESTS, written out here: the first matching rule by priority, else the default. */
export const actionsMet = (graph: Graph): readonly (readonly Action[])[] => {
  const resources = [...graph.values()];
  const rules = resources
    .flatMap((it) => (it.kind === 'rule' ? [it.spec] : []))
    .sort((a, b) => a.priority - b.priority);
  const [fallback = []] = resources.flatMap((it) => (it.kind === 'listener' ? [it.spec.defaultActions] : []));
  return REQUESTS.map((path) => {
    const found = rules.find((rule) =>
      rule.conditions.some(
        (it) => it.field === 'path-pattern' && it.values?.some((glob) => fits(glob, path)),
      ),
    );
    return found?.actions ?? fallback;
  });
};

const fits = (glob: string, path: string): boolean =>
  new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(path);

/** The rules of `to`; those that `from` has, too, stand in the order they have there. */
export const inOrderOf = <Rule extends { readonly pattern: string }>(
  from: readonly Rule[],
  to: readonly Rule[],
): readonly Rule[] => {
  const places = from.map((rule) => rule.pattern);
  const staying = to
    .filter(({ pattern }) => places.includes(pattern))
    .sort((a, b) => places.indexOf(a.pattern) - places.indexOf(b.pattern));
  return to.map((rule) => (places.includes(rule.pattern) ? (staying.shift() ?? rule) : rule));
};
