import type { JsonObject, KubeObject } from '../object.ts';

/** One column of `kubectl get`. Priority 1 shows with `-o wide` only. */
export type Column = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean' | 'number';
  readonly priority: 0 | 1;
  readonly cell: (object: KubeObject) => unknown;
};

export const column = (name: string, cell: Column['cell'], type: Column['type'] = 'string'): Column => ({
  name,
  type,
  priority: 0,
  cell,
});
export const wide = (name: string, cell: Column['cell']): Column => ({
  name,
  type: 'string',
  priority: 1,
  cell,
});

/** Answers of type Table: the server, not kubectl, decides what the columns show. */
export const tableOf = (
  columns: readonly Column[],
  objects: readonly KubeObject[],
  metadata: JsonObject,
  includeObject: string | undefined,
): JsonObject => ({
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
  columnDefinitions: columns.map(({ name, type, priority }) => ({
    name,
    type,
    format: name === 'Name' ? 'name' : '',
    description: '',
    priority,
  })),
  rows: objects.map((object) => ({
    cells: columns.map((one) => one.cell(object) ?? null),
    object: embedded(object, includeObject),
  })),
});

const embedded = (object: KubeObject, include: string | undefined): unknown => {
  if (include === 'None') return undefined;
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
};

/** Time since then as kubectl shows ages: `12s`, `3m5s`, `47h`, `5d`. */
export const age = (timestamp: unknown, now = Date.now()): string => {
  if (typeof timestamp !== 'string') return '<unknown>';
  return duration(Math.max(0, Math.floor((now - Date.parse(timestamp)) / 1000)));
};

export const duration = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const two = (big: number, unit: string, small: number, smaller: string): string =>
    `${big}${unit}${small > 0 ? `${small}${smaller}` : ''}`;
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (days < 730) return `${days}d`;
  return two(Math.floor(days / 365), 'y', days % 365, 'd');
};
