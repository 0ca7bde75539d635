/** Laws over whole clusters: what a mistake may not touch, what order may not matter, where plans come to rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Snapshot } from '../../src/core/kube/snapshot.ts';
import { INGRESS_TAG, RESOURCE_TAG, RULE_ORDER_TAG } from '../../src/core/model/names.ts';
import type { Resource } from '../../src/core/model/resource.ts';
import type { Operation } from '../../src/core/plan/plan.ts';
import { type Cluster, cluster, EMPTY, idOf, type Pass, pass, type State, type Wanted } from './clusters.ts';
import { runs } from './runs.ts';

const RUNS = runs(400);

/** Ways to break an Ingress, one at a time. */
const BREAK: Readonly<Record<string, (it: Wanted) => Wanted>> = {
  scheme: (it) => stating(it, 'scheme', 'public'),
  ports: (it) => stating(it, 'listen-ports', '[]'),
  certificate: (it) => stating(it, 'certificate-arn', 'nonsense'),
  tags: (it) => stating(it, 'tags', 'nonsense'),
  cidrs: (it) => stating(it, 'inbound-cidrs', 'nonsense'),
  attributes: (it) => stating(it, 'load-balancer-attributes', 'nonsense'),
  groups: (it) => stating(it, 'security-groups', 'sg-'),
  order: (it) => stating(it, 'group.order', 'nonsense'),
  type: (it) => stating(it, 'target-type', 'pod'),
  check: (it) => stating(it, 'healthcheck-interval-seconds', '1'),
  timeout: (it) => stating(it, 'healthcheck-timeout-seconds', '100'),
  action: (it) => stating(it, 'actions.act', '{'),
  conditions: (it) => stating(it, 'conditions.t', '{'),
  redirect: (it) => stating(it, 'ssl-redirect', 'true'),
  guard: (it) => stating(it, 'auth-tpye', 'oidc'),
  class: (it) => ({ ...it, className: 'gone' }),
  path: (it) => ({ ...it, paths: it.paths.map((path) => ({ ...path, type: 'Regex' })) }),
  port: (it) => ({ ...it, paths: it.paths.map((path) => ({ ...path, port: 81 })) }),
};

const stating = (it: Wanted, name: string, value: string): Wanted => ({
  ...it,
  annotations: { ...it.annotations, [name]: value },
});

const broken = ({ ingresses, ...rest }: Cluster, which: number, how: string): Cluster => ({
  ...rest,
  ingresses: ingresses.map((it, i) => (i === which ? (BREAK[how]?.(it) ?? it) : it)),
});

const breakage = fc.record({ which: fc.nat(2), how: fc.constantFrom(...Object.keys(BREAK)) });

/** A group name that is no name has no stack in which it could be broken without leaving another. */
/** A certificate that is asked for takes three passes: it is asked, it is issued, it is served. */
const settled = (of: Cluster, from: State = EMPTY): Pass => {
  let made = pass(of, from);
  for (let more = 0; more < 2 && made.operations.some(isHalfway); more++) {
    const next = pass(of, made.state);
    made = { ...next, operations: [...made.operations, ...next.operations] };
  }
  return made;
};

const isHalfway = (operation: Operation): boolean =>
  (operation.verb === 'create' || operation.verb === 'update') &&
  operation.resource.kind === 'certificate' &&
  operation.resource.spec.origin === 'requested';

const resources = (state: State): readonly Resource[] =>
  [...state.actuals.values()].flatMap((actual) => [...actual.owned.values()]);

/** Everything but numbers and names, which may differ by history; of priorities only the order counts. */
const content = (state: State): unknown =>
  Object.fromEntries(
    [...state.actuals].map(([stack, actual]) => [stack, contentOf([...actual.owned.values()])]),
  );

const contentOf = (all: readonly Resource[]): unknown => {
  const rank = ({ spec }: Resource<'rule'>): number =>
    all.filter(
      (it) => it.kind === 'rule' && it.spec.listener === spec.listener && it.spec.priority < spec.priority,
    ).length;
  const plain = all.map((it) => {
    const { name: _, serves: __, ...spec } = { name: '', serves: [], ...it.spec };
    if (it.kind !== 'rule') return [it.key, spec] as const;
    const { [RESOURCE_TAG]: ___, ...tags } = it.spec.tags;
    return [it.key, { ...it.spec, priority: rank(it), tags }] as const;
  });
  return Object.fromEntries(plain.sort(([a], [b]) => (a < b ? -1 : 1)));
};

const said = (made: Pass): string =>
  `${made.operations.map((it) => `${it.verb} ${it.key}`).join(', ')}\n${made.problems.map((it) => `${it.ingress}: ${it.message}`).join('\n')}`;

test('a plan comes to rest: carried out, it leaves nothing to do', () => {
  fc.assert(
    fc.property(cluster, cluster, (first, second) => {
      const before = settled(first);
      assert.equal(said(settled(first, before.state)).split('\n')[0], '');
      const after = settled(second, before.state);
      // One more pass for what waits for an Ingress to have left.
      const rest = settled(second, after.state);
      assert.equal(said(settled(second, rest.state)).split('\n')[0], '');
      assert.deepEqual(rest.operations, []);
    }),
    RUNS,
  );
});

test('breaking one Ingress changes nothing at all in AWS', () => {
  fc.assert(
    fc.property(cluster, breakage, fc.boolean(), (any, { which, how }, adopted) => {
      const of = adopted ? ofOneAge(any) : any;
      // Where two want the same, the other controller decides by name, and its rules do not say whose they are.
      const alone = settled(of).problems.length === 0;
      const before = adopted && alone ? settled(of, asLbcLeavesIt(settled(of).state)) : settled(of);
      const after = settled(broken(of, which, how), before.state);
      assert.deepEqual(
        after.operations.map((it) => `${it.verb} ${it.key}`),
        [],
        `${how} of ${which}\n${said(after)}`,
      );
    }),
    { ...RUNS, numRuns: RUNS.numRuns * 4 },
  );
});

/** Another controller's work: without the tags that are ours alone. */
const asLbcLeavesIt = (state: State): State => ({
  ...state,
  actuals: new Map(
    [...state.actuals].map(([stack, actual]) => {
      const owned = [...actual.owned].map(
        ([key, it]) => [key, 'tags' in it.spec ? withoutOurTags(it) : it] as const,
      );
      return [stack, { ...actual, owned: new Map(owned) }];
    }),
  ),
});

/** The other controller decides by name, we by age. */
const ofOneAge = (of: Cluster): Cluster => ({
  ...of,
  ingresses: of.ingresses.map((it) => ({ ...it, created: '2024-01-01T00:00:00Z' })),
});

const withoutOurTags = (it: Resource): Resource => {
  if (!('tags' in it.spec)) return it;
  const { [INGRESS_TAG]: _, [RULE_ORDER_TAG]: __, ...tags } = it.spec.tags;
  return { ...it, spec: { ...it.spec, tags } } as Resource;
};

test('what another controller left is taken over without a write, but for its order', () => {
  fc.assert(
    fc.property(cluster, (any) => {
      const of = ofOneAge(any);
      const made = settled(of);
      if (made.problems.length > 0) return;
      const { operations, state } = settled(of, asLbcLeavesIt(made.state));
      assert.deepEqual(
        [...new Set(operations.map((it) => it.verb))].filter((verb) => verb !== 'move'),
        [],
      );
      assert.deepEqual(settled(of, state).operations, []);
    }),
    RUNS,
  );
});

test('breaking one Ingress says so, on that Ingress', () => {
  fc.assert(
    fc.property(cluster, breakage, (of, { which, how }) => {
      const before = settled(of);
      const after = settled(broken(of, which, how), before.state);
      const fresh = after.problems.filter(
        (it) => !before.problems.some((old) => old.ingress === it.ingress && old.message === it.message),
      );
      const victim = of.ingresses[which];
      const uses = (name: string): boolean => victim?.paths.some((path) => path.service === name) ?? false;
      const harmless = {
        path: victim?.paths.length === 0,
        port: !uses('s') && !uses('t'),
        timeout: !uses('s') && !uses('t') && !victim?.fallback,
      };
      if (harmless[how as keyof typeof harmless]) return;
      // One mistake may hide another until it is mended.
      if (before.problems.some((it) => victim && it.ingress === idOf(victim))) return;
      assert.ok(
        fresh.some((it) => victim && it.ingress === idOf(victim)),
        `${how} of ${which}\n${said(after)}`,
      );
    }),
    RUNS,
  );
});

test('while one Ingress is broken the others may change, and it keeps its rules and targets', () => {
  fc.assert(
    fc.property(cluster, cluster, breakage, (of, other, { which, how }) => {
      const before = settled(of);
      const mixed = {
        ...other,
        pods: of.pods,
        ingresses: other.ingresses.map((it, i) => (i === which ? (of.ingresses[which] ?? it) : it)),
      };
      const after = settled(broken(mixed, which, how), before.state);
      const victim = of.ingresses[which];
      if (!victim) return;
      const served = (state: State): ReadonlyMap<string, string> => rulesOf(idOf(victim), state);
      const now = served(after.state);
      assert.deepEqual(dangling(after.state), []);
      const everything = allRules(after.state);
      // A neighbour may end what the group serves on a port; then it would end for a sound Ingress as well.
      const sound = served(settled(mixed, before.state).state);
      for (const [place, what] of served(before.state)) {
        // Somebody whose Ingress comes first may have taken the place, as they might from a sound one.
        if (!now.has(place) && (everything.has(place) || !sound.has(place))) continue;
        assert.equal(now.get(place), what, `${place} of ${idOf(victim)} (${how})\n${said(after)}`);
      }
    }),
    RUNS,
  );
});

/** By port and conditions: the services and targets behind the rules of an Ingress, whatever the balancer's scheme. */
const rulesOf = (ingress: string, state: State): ReadonlyMap<string, string> =>
  new Map(
    resources(state).flatMap((it) =>
      it.kind === 'rule' && it.spec.tags[INGRESS_TAG] === ingress
        ? [[placeOf(it), behind(it, state)] as const]
        : [],
    ),
  );

const allRules = (state: State): ReadonlySet<string> =>
  new Set(resources(state).flatMap((it) => (it.kind === 'rule' ? [placeOf(it)] : [])));

const placeOf = (it: Resource<'rule'>): string =>
  `${it.spec.listener.replace(/~[a-z-]+/, '')} ${JSON.stringify(it.spec.conditions)}`;

/** Target groups that a rule or listener forwards to and that are not there. */
const dangling = (state: State): readonly string[] =>
  [...state.actuals.values()].flatMap(({ owned }) =>
    [...owned.values()].flatMap((it) => {
      const text = it.kind === 'rule' || it.kind === 'listener' ? JSON.stringify(it.spec) : '';
      const keys = new Set<string>(owned.keys());
      return [...text.matchAll(/"(target-group\/[^"]+)"/g)].flatMap(([, key = '']) =>
        keys.has(key) ? [] : [key],
      );
    }),
  );

const behind = (rule: Resource<'rule'>, state: State): string =>
  rule.spec.actions
    .map((action) => {
      if (action.type !== 'forward') return JSON.stringify(action);
      const groups = action.targetGroups.map((it) =>
        resources(state).find((other) => other.key === it.targetGroup),
      );
      return groups
        .map((it) =>
          it?.kind === 'target-group'
            ? `${it.spec.tags[RESOURCE_TAG]} ${it.spec.targetType} ${JSON.stringify(it.spec.targets.map((t) => t.port))}`
            : 'missing',
        )
        .join();
    })
    .join();

/** One host, or a wildcard and a name below it, in two namespaces of a group: whoever serves first keeps it. */
const isContested = ({ ingresses }: Cluster): boolean => {
  const hosts = ingresses.flatMap((it) =>
    it.paths.map(({ host }) => ({ host, namespace: it.namespace, group: it.annotations['group.name'] })),
  );
  return hosts.some((one) =>
    hosts.some(
      (other) =>
        (one.host === other.host || one.host.startsWith('*')) &&
        other.host !== '' &&
        one.group === other.group &&
        one.namespace !== other.namespace,
    ),
  );
};

test('a mistake that is mended leaves no trace', () => {
  fc.assert(
    fc.property(cluster, breakage, fc.boolean(), (of, { which, how }, early) => {
      // Where something is wrong anyway, what served first goes on serving: there history counts, on purpose.
      if (settled(of).problems.length > 0 || (early && isContested(of))) return;
      const start = early ? EMPTY : settled(of).state;
      const mended = settled(of, settled(broken(of, which, how), start).state);
      const again = settled(of, mended.state);
      assert.deepEqual(content(again.state), content(settled(of).state), how);
    }),
    RUNS,
  );
});

test('the order in which objects are listed does not matter', () => {
  const backwards = (snapshot: Snapshot): Snapshot => ({
    ingresses: new Map([...snapshot.ingresses].reverse()),
    services: new Map([...snapshot.services].reverse()),
    ingressClasses: new Map([...snapshot.ingressClasses].reverse()),
    nodes: new Map([...snapshot.nodes].reverse()),
    endpointSlices: new Map([...snapshot.endpointSlices].reverse()),
    namespaces: new Map([...snapshot.namespaces].reverse()),
    ingressClassParams: new Map([...snapshot.ingressClassParams].reverse()),
    targetGroupBindings: new Map([...snapshot.targetGroupBindings].reverse()),
    pods: new Map([...snapshot.pods].reverse()),
    secrets: new Map([...snapshot.secrets].reverse()),
  });
  fc.assert(
    fc.property(cluster, cluster, (first, second) => {
      const { state } = settled(first);
      const straight = pass(second, state);
      const reversed = pass(second, state, backwards);
      assert.deepEqual(reversed.operations, straight.operations);
      assert.deepEqual(reversed.problems, straight.problems);
      const shuffled = new Map(
        [...state.actuals].map(([stack, actual]) => [
          stack,
          { ...actual, owned: new Map([...actual.owned].reverse()) },
        ]),
      );
      assert.deepEqual(pass(second, { ...state, actuals: shuffled }).operations, straight.operations);
    }),
    RUNS,
  );
});

test('names are 1 to 32 of the characters AWS takes, and no two stacks share a target group', () => {
  fc.assert(
    fc.property(cluster, (of) => {
      const { state } = settled(of);
      const owners = new Map<string, string>();
      for (const [stack, actual] of state.actuals)
        for (const it of actual.owned.values()) {
          if (it.kind !== 'load-balancer' && it.kind !== 'target-group' && it.kind !== 'security-group')
            continue;
          assert.match(it.spec.name, /^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/);
          if (it.kind !== 'target-group') continue;
          assert.equal(owners.get(it.spec.name) ?? stack, stack);
          owners.set(it.spec.name, stack);
        }
    }),
    RUNS,
  );
});
