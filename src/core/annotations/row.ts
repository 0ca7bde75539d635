import type { Specs } from '../model/resource.ts';
import type { Parser } from './parser.ts';

/** The kind of object that carries an annotation. */
export type Place = 'ingress' | 'service';

/**
 * How members of an IngressGroup agree on a setting.
 * `exclusive`: one value for all; the earlier member wins. `per-key`: the same, for each key of a map.
 * `union`: the values of all members together. `per-port`: one value for each listener port.
 * `per-ingress`: no business of the other members.
 */
type Merge = 'exclusive' | 'per-key' | 'union' | 'per-port' | 'per-ingress';

/** A field of a resource that a setting ends in: `target-group.healthCheck.path`. */
type Field = {
  [K in keyof Specs]: `${K}.${keyof Specs[K] & string}` | `${K}.${Deep<Specs[K], 'healthCheck'>}`;
}[keyof Specs];

type Deep<S, N extends string> = N extends keyof S ? `${N}.${keyof S[N] & string}` : never;

/** One annotation; everything that the program and its documentation know about it. */
export type Row<T = unknown> = {
  readonly parser: Parser<T>;
  readonly on: readonly Place[];
  readonly merge: Merge;
  /** The default as a user would write it; the same parser reads it. */
  readonly initial?: string;
  /** The default in words, where it depends on other settings or on what is found in AWS. */
  readonly otherwise?: string;
  /** Older spellings, still read, with a notice. */
  readonly aliases?: readonly string[];
  /** A good value and a bad one, both shown to people and both tested. */
  readonly example: string;
  readonly invalid: string;
  readonly doc: string;
  readonly feeds: readonly Field[];
  /** The first controller that had it; `here`: this one. */
  /** It restricts who gets in: a typing mistake in its name must not leave a path open. */
  readonly guards?: true;
  readonly since: '2017' | 'LBC' | 'here';
};
