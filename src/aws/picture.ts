/** What is known of a stack while it is put together from what was found. */
import type { AwsId, Foreign, LoadBalancerFacts } from '../core/model/actual.ts';
import type { BalancerKey, Key } from '../core/model/key.ts';
import type { Resource } from '../core/model/resource.ts';
import type { Tags } from '../core/model/tags.ts';
import { isOwned } from './tags.ts';

export type Picture = {
  readonly cluster: string;
  readonly stack: string;
  readonly owned: Map<Key, Resource>;
  readonly adoptable: Map<Key, Resource>;
  readonly retirable: Map<Key, Tags>;
  readonly foreign: Foreign[];
  readonly ids: Map<Key, AwsId>;
  readonly loadBalancers: Map<BalancerKey, LoadBalancerFacts>;
  /** From `sg-` id or ARN to key. */
  readonly keys: Map<AwsId, Key>;
};

/** Owned or adoptable, by its tags. */
export const add = (picture: Picture, resource: Resource, id: AwsId, tags: Tags): void => {
  const graph = isOwned(tags, picture.cluster, picture.stack) ? picture.owned : picture.adoptable;
  graph.set(resource.key, resource);
  picture.ids.set(resource.key, id);
  picture.keys.set(id, resource.key);
};

/** A second one of the same identity gets a key nobody can want, so that the plan lets go of it. */
export const free = <K extends Key>(picture: Picture, key: K, id: AwsId): K =>
  picture.ids.has(key) ? (`${key}+${id.slice(-16)}` as K) : key;
