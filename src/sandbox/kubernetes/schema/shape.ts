/**
 * What a value must look like and how it merges, in one form for built-in types and custom resources:
 * validation, pruning, the patch types, server-side apply, protobuf and OpenAPI all read it.
 */
export type Shape = ScalarShape | ListShape | MapShape | StructShape | AnyShape;

export type ScalarShape = { readonly kind: 'scalar'; readonly scalar: Scalar };

export type Scalar =
  | 'string'
  | 'int32'
  | 'int64'
  | 'double'
  | 'boolean'
  | 'time'
  | 'microTime'
  | 'bytes'
  | 'quantity'
  | 'intOrString';

export type ListShape = {
  readonly kind: 'list';
  readonly of: Shape;
  /** How server-side apply merges it. */
  readonly merge: 'atomic' | 'set' | 'map';
  readonly keys: readonly string[];
  /** How strategic merge patch merges it: by this key, `''` for a set of values, undefined for replacing it. */
  readonly patchKey: string | undefined;
};

export type MapShape = { readonly kind: 'map'; readonly of: Shape; readonly atomic: boolean };

export type Field = {
  readonly name: string;
  readonly required: boolean;
  readonly shape: Shape;
  /** Field number of the protobuf encoding; two numbers when JSON has the fields of an inner message inline. */
  readonly numbers: readonly number[];
  /** In protobuf a zero or empty value of this field was meant; elsewhere it stands for absent. */
  readonly zeroCounts: boolean;
  /** Strategic merge patch drops the sibling fields that the patch does not name. */
  readonly retainKeys: boolean;
};

export type StructShape = {
  readonly kind: 'struct';
  /** OpenAPI name, such as `io.k8s.api.networking.v1.IngressSpec`. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly atomic: boolean;
  /** Fields not listed are kept (custom resources that say so). */
  readonly open: boolean;
  /** A value of another kind than its type is kept, for the schema of a custom resource to refuse. */
  readonly loose?: true;
};

/** Anything goes: embedded JSON. */
export type AnyShape = { readonly kind: 'any' };
