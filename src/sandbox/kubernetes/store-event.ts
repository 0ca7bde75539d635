import type { KubeObject } from './object.ts';

/** One write. `previous` lets a filtered watch see that an object left its selection. */
export type StoreEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
};
