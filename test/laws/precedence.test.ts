/** Which backend answers: the Ingress specification, written out here, against the rules an ALB would go through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Resource } from '../../src/core/model/resource.ts';
import { type Cluster, cluster, EMPTY, idOf, type Path, pass, type Wanted } from './clusters.ts';
import { runs } from './runs.ts';

const RUNS = runs(1000);

const HOSTS = ['x.example.com', 'y.example.com', 'z.example.com', 'example.org'];
const PATHS = ['/', '/a', '/a/', '/a/b', '/a/b/d', '/ab', '/c', '/c/', '/c/d'];

/** One group, no order stated, only paths the specification speaks of; a service answers for each. */
const plain = (of: Cluster): Cluster => ({
  ...of,
  ingresses: of.ingresses.map((it) => ({
    ...it,
    // Whose host it is comes before precedence; here everybody shares.
    annotations: { 'group.name': 'g', 'share-hosts-with': '*' },
    fallback: undefined,
    paths: it.paths
      .filter((path) => path.type !== 'ImplementationSpecific')
      .map((path) => ({ ...path, service: path.service === 'act' ? 's' : path.service })),
  })),
});

type Choice = { readonly by: Wanted; readonly path: Path; readonly index: number };

const elements = (path: string): readonly string[] => path.split('/').filter((part) => part !== '');

/** A prefix matches element by element; a wildcard stands for one label (the hosts here have no more). */
const matches = ({ path }: Choice, host: string, request: string): boolean => {
  const rest = path.host.slice(1);
  const hostFits =
    path.host === '' || path.host === host || (path.host.startsWith('*') && host.endsWith(rest));
  if (!hostFits) return false;
  if (path.type === 'Exact') return path.path === request;
  const [wanted, given] = [elements(path.path), elements(request)];
  return wanted.every((part, i) => given[i] === part);
};

/** Exact host, wildcard, none; then the longest path; then Exact before Prefix; then the older Ingress. */
const better = (a: Choice, b: Choice): number => {
  const hostRank = ({ path }: Choice): number => (path.host === '' ? 2 : path.host.startsWith('*') ? 1 : 0);
  const typeRank = ({ path }: Choice): number => (path.type === 'Exact' ? 0 : 1);
  const length = ({ path }: Choice): number => elements(path.path).length;
  const age = (it: Choice): string => `${it.by.created} ${idOf(it.by)}`;
  return (
    hostRank(a) - hostRank(b) ||
    length(b) - length(a) ||
    typeRank(a) - typeRank(b) ||
    b.path.path.length - a.path.path.length ||
    (age(a) < age(b) ? -1 : age(a) > age(b) ? 1 : a.index - b.index)
  );
};

const bySpecification = (of: Cluster, host: string, request: string): string => {
  const all = of.ingresses.flatMap((by) => by.paths.map((path, index): Choice => ({ by, path, index })));
  const [first] = all.filter((choice) => matches(choice, host, request)).sort(better);
  return first ? `${idOf(first.by)}-${first.path.service}:80` : 'nothing';
};

const glob = (pattern: string, value: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(value);

const byLoadBalancer = (rules: readonly Resource<'rule'>[], host: string, request: string): string => {
  const found = rules
    .toSorted((a, b) => a.spec.priority - b.spec.priority)
    .find(({ spec }) =>
      spec.conditions.every(
        (it) =>
          (it.field === 'host-header' && it.values?.some((value) => glob(value, host))) ||
          (it.field === 'path-pattern' && it.values?.some((value) => glob(value, request))),
      ),
    );
  const [action] = found?.spec.actions ?? [];
  const group = action?.type === 'forward' ? (action.targetGroups[0]?.targetGroup ?? '') : '';
  return /^target-group\/g~internal\/(.*)~/.exec(group)?.[1] ?? 'nothing';
};

test('the first rule that matches is the one the Ingress specification prefers', () => {
  fc.assert(
    fc.property(cluster, (any) => {
      const of = plain(any);
      const { state } = pass(of, EMPTY);
      const owned = state.actuals.get('g')?.owned ?? new Map<string, Resource>();
      const rules = [...owned.values()].flatMap((it) => (it.kind === 'rule' ? [it] : []));
      for (const host of HOSTS)
        for (const request of PATHS)
          assert.equal(
            byLoadBalancer(rules, host, request),
            bySpecification(of, host, request),
            `${host}${request}`,
          );
    }),
    RUNS,
  );
});
