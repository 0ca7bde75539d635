import { noSuchResource } from '../api/errors.ts';
import { isReview, type Kind, type KindTable } from '../kinds.ts';
import type { JsonObject } from '../object.ts';
import { type Exchange, sendJson } from './answer.ts';

/** What `kubectl api-resources` and every client's REST mapping start from. False when the path is something else. */
export const serveDiscovery = (exchange: Exchange, kinds: KindTable): boolean => {
  const parts = exchange.url.pathname.split('/').filter((part) => part !== '');
  const [root, group, version] = parts;
  if (root === 'api' && parts.length <= 2) return serveCore(exchange, kinds, group);
  if (root !== 'apis' || parts.length > 3) return false;
  if (group === undefined) serveGroups(exchange, kinds);
  else if (version === undefined)
    sendJson(exchange, 200, {
      kind: 'APIGroup',
      apiVersion: 'v1',
      ...found(groupsOf(kinds).find((one) => one.name === group)),
    });
  else sendJson(exchange, 200, resourceList(kinds, group, version));
  return true;
};

const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw noSuchResource();
  return value;
};

const serveCore = (exchange: Exchange, kinds: KindTable, version: string | undefined): boolean => {
  if (version !== undefined) sendJson(exchange, 200, resourceList(kinds, '', version));
  else if (aggregated(exchange) !== undefined) sendAggregated(exchange, kinds, ['']);
  else {
    const address = exchange.request.headers.host ?? '';
    sendJson(exchange, 200, {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
    });
  }
  return true;
};

const serveGroups = (exchange: Exchange, kinds: KindTable): void => {
  const groups = groupsOf(kinds);
  if (aggregated(exchange) !== undefined)
    sendAggregated(
      exchange,
      kinds,
      groups.map(({ name }) => name),
    );
  else sendJson(exchange, 200, { kind: 'APIGroupList', apiVersion: 'v1', groups });
};

type Group = {
  readonly name: string;
  readonly versions: readonly { groupVersion: string; version: string }[];
  readonly preferredVersion: unknown;
};

const groupsOf = (kinds: KindTable): readonly Group[] => {
  const versions = new Map<string, Set<string>>();
  for (const { group, version } of kinds.all())
    if (group !== '') versions.set(group, (versions.get(group) ?? new Set()).add(version));
  return [...versions].map(([name, set]) => {
    const all = [...set].map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { name, versions: all, preferredVersion: all[0] };
  });
};

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const kindsOf = (kinds: KindTable, group: string, version: string): readonly Kind[] =>
  kinds.all().filter((kind) => kind.group === group && kind.version === version);

const verbsOf = (kind: Kind): readonly string[] => (isReview(kind) ? ['create'] : VERBS);

type Subresource = {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly kind: { group: string; version: string; kind: string };
};

const subresourcesOf = (kind: Kind): readonly Subresource[] => {
  const all: Subresource[] = [];
  if (kind.scale)
    all.push({
      name: 'scale',
      verbs: ['get', 'patch', 'update'],
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    });
  if (kind.status) all.push({ name: 'status', verbs: ['get', 'patch', 'update'], kind });
  if (kind.storage === 'pods') {
    all.push({
      name: 'eviction',
      verbs: ['create'],
      kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
    });
    all.push({ name: 'log', verbs: ['get'], kind });
  }
  if (kind.storage === 'serviceaccounts')
    all.push({
      name: 'token',
      verbs: ['create'],
      kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
    });
  return all;
};

const resourceList = (kinds: KindTable, group: string, version: string): JsonObject => {
  const all = kindsOf(kinds, group, version);
  if (all.length === 0) throw noSuchResource();
  const resources = all.flatMap((kind) => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: verbsOf(kind),
      ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
      ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    },
    ...subresourcesOf(kind).map((sub) => ({
      name: `${kind.plural}/${sub.name}`,
      singularName: '',
      namespaced: kind.namespaced,
      ...(sub.kind === kind ? {} : { group: sub.kind.group, version: sub.kind.version }),
      kind: sub.kind.kind,
      verbs: sub.verbs,
    })),
  ]);
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources,
  };
};

/** The version of aggregated discovery that the client prefers: answering another one hides every resource. */
const aggregated = (exchange: Exchange): 'v2' | 'v2beta1' | undefined => {
  for (const one of (exchange.request.headers.accept ?? '').split(',')) {
    if (
      !one.includes('as=APIGroupDiscoveryList') ||
      !one.includes('g=apidiscovery.k8s.io') ||
      one.includes('profile=')
    )
      continue;
    if (/\bv=v2(;|$|\s)/.test(one)) return 'v2';
    if (one.includes('v=v2beta1')) return 'v2beta1';
  }
  return undefined;
};

const sendAggregated = (exchange: Exchange, kinds: KindTable, groups: readonly string[]): void => {
  const version = aggregated(exchange) ?? 'v2';
  const items = groups.map((name) => {
    const versions = new Set(
      kinds
        .all()
        .filter(({ group }) => group === name)
        .map((kind) => kind.version),
    );
    return {
      metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
      versions: [...versions].map((one) => ({
        version: one,
        resources: kindsOf(kinds, name, one).map(describe),
        freshness: 'Current',
      })),
    };
  });
  const body = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items,
  };
  sendJson(
    exchange,
    200,
    body,
    `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
  );
};

const describe = (kind: Kind): JsonObject => {
  const subresources = subresourcesOf(kind);
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: { group: sub.kind.group, version: sub.kind.version, kind: sub.kind.kind },
            verbs: sub.verbs,
          })),
        }
      : {}),
  };
};
