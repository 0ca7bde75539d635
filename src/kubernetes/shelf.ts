import { isDeepStrictEqual } from 'node:util';
import { type Meta, objectId } from '../core/kube/objects.ts';

/** The last known objects of one kind. Changes are told as they are made, one by one. */
export type Shelf<T> = {
  get(id: string): T | undefined;
  /** Keeps the object; told unless it says what the kept one said (a new resourceVersion alone is no change). */
  put(item: T): void;
  drop(meta: Meta): void;
  /** Makes a complete list the truth of one namespace (undefined: of everything), telling only what differs. */
  replace(items: readonly T[], namespace: string | undefined): void;
  /** How many objects are known in that namespace (undefined: in all). */
  count(namespace: string | undefined): number;
  /** All objects by id as they are now; the map handed out never changes. */
  view(): ReadonlyMap<string, T>;
};

/** An empty shelf; `tell` gets each object before and after it appeared, changed or went. */
export const openShelf = <T extends { readonly metadata: Meta }>(
  tell: (before: T | undefined, after: T | undefined) => void,
): Shelf<T> => {
  const items = new Map<string, T>();
  let view: ReadonlyMap<string, T> | undefined;

  const put = (item: T): void => {
    const id = objectId(item.metadata);
    const before = items.get(id);
    items.set(id, item);
    view = undefined;
    if (before === undefined || !saysTheSame(before, item)) tell(before, item);
  };

  const drop = (meta: Meta): void => {
    const id = objectId(meta);
    const before = items.get(id);
    if (before === undefined) return;
    items.delete(id);
    view = undefined;
    tell(before, undefined);
  };

  const within = (namespace: string | undefined): readonly T[] => {
    const all = [...items.values()];
    return namespace === undefined ? all : all.filter((item) => item.metadata.namespace === namespace);
  };

  return {
    get: (id) => items.get(id),
    put,
    drop,
    replace(fresh, namespace) {
      const listed = new Set(fresh.map((item) => objectId(item.metadata)));
      for (const { metadata } of within(namespace)) if (!listed.has(objectId(metadata))) drop(metadata);
      for (const item of fresh) put(item);
    },
    count: (namespace) => within(namespace).length,
    view() {
      view ??= new Map(items);
      return view;
    },
  };
};

const saysTheSame = <T extends { readonly metadata: Meta }>(a: T, b: T): boolean =>
  a.metadata.resourceVersion === b.metadata.resourceVersion ||
  isDeepStrictEqual(withoutVersion(a), withoutVersion(b));

const withoutVersion = <T extends { readonly metadata: Meta }>(item: T): unknown => {
  const { resourceVersion: _, ...metadata } = item.metadata;
  return { ...item, metadata };
};
