import type { Kind, KindTable } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import type { StructShape } from '../schema/shape.ts';
import type { Store } from '../store.ts';

/** The CIDR ranges and ports a cluster hands out. */
export type Networks = {
  /** First two numbers of Service addresses, such as `10.100`. */
  readonly servicePrefix: string;
};

/** What every request works on. */
export type Cluster = {
  readonly store: Store;
  readonly kinds: KindTable;
  readonly networks: Networks;
  /** The type of a kind: built in, or from its CustomResourceDefinition. */
  shapeOf(kind: Kind): StructShape;
  /** Answers with the object as the kind's version has it. */
  convert(object: KubeObject, kind: Kind): KubeObject;
};

/** Where an object is or shall be. */
export type Place = { readonly kind: Kind; readonly namespace: string | undefined; readonly name: string };

export type WriteOptions = {
  readonly dryRun: boolean;
  readonly manager: string;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  readonly subresource: 'status' | 'scale' | 'ephemeralcontainers' | undefined;
  /** Server-side apply takes fields over from other managers. */
  readonly force: boolean;
  /** Texts for the Warning headers of the answer. */
  readonly warn: (text: string) => void;
};

/** How the sandbox's own controllers write. */
export const internalWrite = (manager: string, subresource?: 'status'): WriteOptions => ({
  dryRun: false,
  manager,
  fieldValidation: 'Ignore',
  subresource,
  force: false,
  warn: () => {},
});
