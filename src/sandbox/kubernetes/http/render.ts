import type { IncomingMessage } from 'node:http';
import { isJsonObject, type KubeObject } from '../object.ts';
import { type Column, tableOf } from '../table/table.ts';

/** How the client wants an object shown. `watching`: tables of a watch have their heading only once. */
export type Render = (object: KubeObject, watching: boolean) => unknown;

export type Shown = 'object' | 'table' | 'metadata';

/** Which of the representations in the Accept header comes first that we can give. */
export const shownAs = (request: IncomingMessage): Shown => {
  for (const one of (request.headers.accept ?? '').split(',')) {
    const parameters = one.split(';').map((part) => part.trim());
    if (parameters[0] !== 'application/json') continue;
    const as = parameters.find((part) => part.startsWith('as='))?.slice(3);
    const v1 = parameters.includes('v=v1');
    if (as === 'Table' && v1) return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      if (v1) return 'metadata';
    } else if (as === undefined) return 'object';
  }
  return 'object';
};

export const metadataOnly = (object: KubeObject): unknown => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
});

/** A renderer for single objects and watch events. */
export const renderer = (
  shown: Shown,
  columns: readonly Column[],
  includeObject: string | undefined,
): Render => {
  if (shown === 'metadata') return metadataOnly;
  if (shown === 'object') return (object) => object;
  let headed = false;
  return (object, watching) => {
    const table = tableOf(
      columns,
      [object],
      { resourceVersion: object.metadata.resourceVersion ?? '' },
      includeObject,
    );
    const bare = watching && headed;
    headed = true;
    return bare && isJsonObject(table) ? { ...table, columnDefinitions: null } : table;
  };
};
