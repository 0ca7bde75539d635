/** Values of IngressClassParams as the text of the annotations they stand for, so that one parser reads both. */
import type { AnnotationKey } from '../annotations/table.ts';
import { whatIsWrongWithGroup } from './group-name.ts';

/** Something in a field that cannot be what it should be; `at` is its place in the field. */
export type Misfit = { readonly at: string; readonly expected: string; readonly value: unknown };

/** Annotation texts by name without the prefix; nothing when the field says nothing. */
export type Texts = { readonly texts: Readonly<Record<string, string>> } | { readonly misfit: Misfit };

type Reader = (value: unknown) => Texts;

const NOTHING: Texts = { texts: {} };

const misfit = (at: string, expected: string, value: unknown): Texts => ({ misfit: { at, expected, value } });

/** A text; the empty one says nothing, as in Go. */
export const sentence =
  (name: AnnotationKey): Reader =>
  (value) => {
    if (typeof value !== 'string') return misfit('', 'a string', value);
    return value === '' ? NOTHING : { texts: { [name]: value } };
  };

/** A whole number written as a text, or as a number where the schema is somebody else's. */
export const whole =
  (name: AnnotationKey): Reader =>
  (value) =>
    sentence(name)(typeof value === 'number' ? String(value) : value);

/** A list of texts. */
export const strings =
  (name: AnnotationKey): Reader =>
  (value) => {
    if (!Array.isArray(value)) return misfit('', 'a list of strings', value);
    const bad = value.findIndex(
      (item) => typeof item !== 'string' || item.trim() === '' || item.includes(','),
    );
    if (bad >= 0) return misfit(`[${bad}]`, 'a string that is not empty and has no comma', value[bad]);
    return value.length === 0 ? NOTHING : { texts: { [name]: value.join(',') } };
  };

/** A list of `{key, value}`. */
export const pairs =
  (name: AnnotationKey): Reader =>
  (value) => {
    if (!Array.isArray(value)) return misfit('', 'a list of objects with key and value', value);
    const keys = new Set<string>();
    for (const [index, pair] of value.entries()) {
      if (!isPair(pair)) return misfit(`[${index}]`, 'an object with key and value, both strings', pair);
      if (keys.has(pair.key))
        return misfit(`[${index}].key`, `every key once, but ${pair.key} is there twice`, pair.key);
      keys.add(pair.key);
    }
    // `=` ends the key of an annotation, so no key may have one.
    const odd = value.findIndex((pair) => isPair(pair) && pair.key.includes('='));
    if (odd >= 0) return misfit(`[${odd}].key`, 'a key without =', value[odd]);
    const texts = value.filter(isPair).map((pair) => `${escaped(pair.key)}=${escaped(pair.value)}`);
    return texts.length === 0 ? NOTHING : { texts: { [name]: texts.join(',') } };
  };

type Pair = { readonly key: string; readonly value: string };

const isPair = (value: unknown): value is Pair =>
  isObject(value) && typeof value.key === 'string' && value.key !== '' && typeof value.value === 'string';

/** A comma is part of the value, not between two. */
const escaped = (text: string): string => text.replaceAll(',', '\\,');

/** `subnets` by id; by tag they have no annotation, see {@link subnetTagsOf}. */
export const subnetIds: Reader = (value) => {
  if (!isObject(value)) return misfit('', 'an object with ids or tags', value);
  const { ids, tags } = value;
  if ((ids === undefined) === (tags === undefined)) return misfit('', 'exactly one of ids and tags', value);
  if (tags !== undefined)
    return subnetTagsOf(value)
      ? NOTHING
      : misfit('.tags', 'a map from tag keys to lists of values, none empty', tags);
  if (!Array.isArray(ids) || ids.length === 0) return misfit('.ids', 'a list of subnet ids, not empty', ids);
  const bad = ids.findIndex(
    (id, index) => typeof id !== 'string' || !/^subnet-[0-9a-z]+$/.test(id) || ids.indexOf(id) < index,
  );
  if (bad >= 0)
    return misfit(`.ids[${bad}]`, 'an id like subnet-0123456789abcdef0, every one once', ids[bad]);
  return { texts: { subnets: ids.join(',') } };
};

/** Subnets by tag: one of the values for every key. Undefined when they are not chosen so. */
export type SubnetTags = Readonly<Record<string, readonly string[]>>;

export const subnetTagsOf = (value: unknown): SubnetTags | undefined => {
  if (!isObject(value) || !isObject(value.tags) || Object.keys(value.tags).length === 0) return undefined;
  const found: Record<string, readonly string[]> = {};
  for (const [key, values] of Object.entries(value.tags)) {
    if (!Array.isArray(values) || values.length === 0) return undefined;
    const texts = values.filter((it) => typeof it === 'string');
    if (texts.length < values.length) return undefined;
    found[key] = texts;
  }
  return found;
};

/** `listeners[]`: an annotation for each listener. */
export const listeners: Reader = (value) => {
  if (!Array.isArray(value)) return misfit('', 'a list of listeners', value);
  const texts: Record<string, string> = {};
  for (const [index, listener] of value.entries()) {
    const at = `[${index}]`;
    if (!isObject(listener))
      return misfit(at, 'an object with protocol, port and listenerAttributes', listener);
    const { protocol, port, listenerAttributes } = listener;
    if (protocol !== 'HTTP' && protocol !== 'HTTPS')
      return misfit(`${at}.protocol`, 'HTTP or HTTPS', protocol);
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
      return misfit(`${at}.port`, 'a port from 1 to 65535', port);
    const name: AnnotationKey = `listener-attributes.${protocol}-${port}`;
    if (name in texts) return misfit(at, `every listener once, but ${protocol} ${port} is there twice`, port);
    const read = pairs(name)(listenerAttributes ?? []);
    if ('misfit' in read)
      return misfit(`${at}.listenerAttributes${read.misfit.at}`, read.misfit.expected, read.misfit.value);
    Object.assign(texts, read.texts);
  }
  return { texts };
};

/** `minimumLoadBalancerCapacity.capacityUnits`. */
export const capacity: Reader = (value) => {
  const units = isObject(value) ? value.capacityUnits : undefined;
  return typeof units === 'number'
    ? { texts: { 'minimum-load-balancer-capacity': `CapacityUnits=${units}` } }
    : misfit('.capacityUnits', 'a whole number', units);
};

/** `group.name`; whether it is one is seen where the Ingress is put into its group. */
export const groupName: Reader = (value) => {
  const name = isObject(value) ? value.name : undefined;
  return typeof name === 'string' && whatIsWrongWithGroup(name) === undefined
    ? { texts: { 'group.name': name } }
    : NOTHING;
};

/** `ipamConfiguration.ipv4IPAMPoolId`. */
export const poolId: Reader = (value) => {
  if (!isObject(value)) return misfit('', 'an object with ipv4IPAMPoolId', value);
  return value.ipv4IPAMPoolId === undefined ? NOTHING : sentence('ipam-ipv4-pool-id')(value.ipv4IPAMPoolId);
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
