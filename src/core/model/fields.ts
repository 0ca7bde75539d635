/**
 * What it means for a field to differ, per kind: a row for every field, and the compiler wants every one.
 * The diff reads nothing else about kinds, so adding a field is a line here.
 */
import { canonical } from './digest.ts';
import { comparable, isGuard } from './guard.ts';
import type { Kind } from './key.ts';
import { isSameAuthentication } from './mutual-authentication.ts';
import { CLIENT_TAG, INGRESS_TAG, STATED_SETTINGS_TAG, STATED_TAGS_TAG } from './names.ts';
import { isNoteTag } from './registered-note.ts';
import type { Attributes, Specs } from './resource.ts';
import type { Action } from './rule.ts';
import type { Tags } from './tags.ts';
import { isSameWebAcl } from './web-acl.ts';

/**
 * `update`: AWS changes it in place. `fixed`: part of the key, so it never differs under one key.
 * `create-only`: used when creating, then left as found. `order`: says only what comes after what.
 */
export type Row<T> = {
  readonly change: 'update' | 'fixed' | 'create-only' | 'order';
  /** Whether what AWS has is as good as what is wanted; default: equal as plain data. */
  readonly same?: (want: T, have: T) => boolean;
  /** What is not stated stays as it is, instead of being taken away. */
  readonly keeps?: true;
};

const equal = (want: unknown, have: unknown): boolean => canonical(want) === canonical(have);

const sameSet = (want: readonly unknown[], have: readonly unknown[]): boolean =>
  equal(want.map(canonical).sort(), have.map(canonical).sort());

/** Attributes nobody stated belong to AWS, or to whoever set them there. */
const statedAreSame = (want: Attributes | undefined, have: Attributes | undefined): boolean =>
  Object.entries(want ?? {}).every(([name, value]) => have?.[name] === value);

/** Tags that were ours to state last time and are wanted no more. */
export const staleTags = (want: Tags, have: Tags): readonly string[] => {
  const stated = have[STATED_TAGS_TAG]?.split(' ') ?? [];
  const notes = Object.keys(have).filter(isNoteTag);
  return [...stated, ...notes, STATED_TAGS_TAG, STATED_SETTINGS_TAG, CLIENT_TAG]
    .filter((name) => name in have && !(name in want))
    .sort();
};

/** Tags to write. A rule made by LBC does not say which Ingress it is for, and adopting it is no reason to write. */
export const missingTags = (want: Tags, have: Tags): Tags =>
  Object.fromEntries(
    Object.entries(want).filter(
      ([name, value]) => have[name] !== value && !(name === INGRESS_TAG && have[name] === undefined),
    ),
  );

const sameTags = (want: Tags, have: Tags): boolean =>
  Object.keys(missingTags(want, have)).length === 0 && staleTags(want, have).length === 0;

/** The first certificate is the default one; among the others order means nothing. */
const sameCertificates = (want: readonly string[], have: readonly string[]): boolean =>
  want[0] === have[0] && sameSet(want.slice(1), have.slice(1));

/** AWS does not promise to tell the target groups of a forward in the order they were given, nor does order mean anything. Credentials are compared by their digests. */
const sameActions = (want: readonly Action[], have: readonly Action[]): boolean => {
  const unordered = (action: Action): unknown =>
    isGuard(action)
      ? comparable(action)
      : action.type === 'forward'
        ? { ...action, targetGroups: action.targetGroups.map(canonical).sort() }
        : action;
  return equal(want.map(unordered), have.map(unordered));
};

/** None is none, whether somebody says so or AWS says nothing. */
const sameOrNone = (want: string | undefined, have: string | undefined): boolean =>
  (want ?? '') === (have ?? '');

const update = { change: 'update' } as const;
const fixed = { change: 'fixed' } as const;
const createOnly = { change: 'create-only' } as const;
const order = { change: 'order' } as const;
const tags = { change: 'update', same: sameTags } as const;
const attributes = { change: 'update', same: statedAreSame } as const;
const ifStated = { change: 'update', keeps: true } as const;
const set = { change: 'update', same: sameSet } as const;
const actions = { change: 'update', same: sameActions } as const;

export const FIELDS: { readonly [K in Kind]: { readonly [F in keyof Specs[K]]-?: Row<Specs[K][F]> } } = {
  'security-group': { name: createOnly, description: createOnly, vpc: createOnly, inbound: set, tags },
  certificate: {
    origin: fixed,
    domains: fixed,
    keyAlgorithm: fixed,
    authority: fixed,
    secret: fixed,
    content: update,
    issued: update,
    zones: order,
    waitsFor: order,
    failure: order,
    notAfter: order,
    tags,
  },
  'target-group': {
    name: createOnly,
    loadBalancer: fixed,
    vpc: createOnly,
    targetType: fixed,
    protocol: fixed,
    protocolVersion: fixed,
    port: fixed,
    controlPort: fixed,
    ipAddressType: fixed,
    healthCheck: update,
    attributes,
    targets: set,
    tags,
  },
  'load-balancer': {
    name: createOnly,
    scheme: fixed,
    ipAddressType: update,
    subnets: set,
    securityGroups: set,
    attributes,
    capacityUnits: ifStated,
    ipv4IpamPool: { ...ifStated, same: sameOrNone },
    customerOwnedIpv4Pool: createOnly,
    webAcl: { ...ifStated, same: isSameWebAcl },
    shield: ifStated,
    tags,
  },
  listener: {
    loadBalancer: fixed,
    port: fixed,
    protocol: update,
    certificates: { change: 'update', same: sameCertificates },
    sslPolicy: update,
    mutualAuthentication: { ...ifStated, same: isSameAuthentication },
    attributes,
    defaultActions: actions,
    tags,
  },
  rule: {
    listener: fixed,
    priority: order,
    conditions: fixed,
    actions,
    transforms: update,
    tags,
  },
  'network-load-balancer': {
    name: createOnly,
    scheme: fixed,
    ipAddressType: update,
    subnets: set,
    addresses: createOnly,
    securityGroups: set,
    attributes,
    tags,
  },
  'network-target-group': {
    name: createOnly,
    loadBalancer: fixed,
    vpc: createOnly,
    port: fixed,
    target: fixed,
    healthCheck: update,
    tags,
  },
  'network-listener': {
    loadBalancer: fixed,
    port: fixed,
    targetGroup: update,
    application: { change: 'order' },
    tags,
  },
  'target-access': { group: fixed, source: fixed, ports: set },
  'dns-record': {
    zone: fixed,
    name: fixed,
    types: set,
    alias: update,
    evaluateTargetHealth: update,
    ttl: update,
    routing: update,
    vouchedBy: update,
    cutover: { change: 'update', same: (want, have) => (want === undefined) === (have === undefined) },
    stepInterval: order,
    takeover: order,
    zoneChoice: order,
    serves: order,
  },
};

/** A field that differs, with both values. */
export type Difference = { readonly field: string; readonly from: unknown; readonly to: unknown };

/** What must change in place to turn `have` into `want`, in the order of the table. Both are of one kind. */
export const differences = <K extends Kind>(kind: K, want: Specs[K], have: Specs[K]): readonly Difference[] =>
  (Object.entries(FIELDS[kind]) as [keyof Specs[K] & string, Row<unknown>][])
    .filter(([, row]) => row.change === 'update')
    .filter(([field, row]) => !(row.keeps && want[field] === undefined))
    .filter(([field, row]) => !(row.same ?? equal)(want[field], have[field]))
    .map(([field]) => ({ field, from: have[field], to: want[field] }));
