import type { Kind, KindTable } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import type { StructShape } from '../schema/shape.ts';
import type { Store } from '../store.ts';
import type { User } from '../tokens.ts';

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
  readonly webhooks: Webhooks;
};

/** A write that admission webhooks are asked about. `object` is undefined for a deletion, `before` for a creation. */
export type Change = {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly object: KubeObject | undefined;
  readonly before: KubeObject | undefined;
};

/** Called by every write, at the two points where a real API server asks webhooks. */
export type Admission = {
  /** With defaults filled in, before any check; what comes back takes the object's place. */
  mutate(change: Change): KubeObject | undefined;
  /** As it will be stored. */
  validate(change: Change): void;
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
  /** No quota holds it back. */
  readonly unlimited?: true;
  /** Undefined: no webhook is to be asked. */
  readonly admission?: Admission | undefined;
};

/** What a write is, besides the object: webhooks are told. */
export type AdmissionRequest = Pick<WriteOptions, 'dryRun' | 'warn'> & {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly user: User;
};

/** Calls the webhooks that Mutating- and ValidatingWebhookConfigurations name. */
export type Webhooks = {
  /** Whether any is configured; when none is, writes need not wait. */
  any(): boolean;
  /**
   * Runs a write with what webhooks say about it. Writing is synchronous and calling is not: `write` is run, stopped where
   * an answer is needed, and run again with the answer; what others have changed meanwhile is asked about anew.
   */
  admitted<T>(
    cluster: Cluster,
    request: AdmissionRequest,
    write: (admission: Admission | undefined) => T,
  ): Promise<T>;
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
