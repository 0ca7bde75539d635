import type { AnyObject } from '../core/kube/from-objects.ts';

/** A manifest with what every object must have. */
export type Manifest = AnyObject & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};
