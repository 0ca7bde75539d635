import type { Kind } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import { numberAt } from './cells.ts';
import { CLUSTER_COLUMNS } from './cluster-columns.ts';
import { customColumns } from './custom-columns.ts';
import { NETWORK_COLUMNS } from './network-columns.ts';
import { STORAGE_COLUMNS } from './storage-columns.ts';
import { age, type Column, column } from './table.ts';
import { WORKLOAD_COLUMNS } from './workload-columns.ts';

const nameColumn = column('Name', (object) => object.metadata.name);
const ageColumn = column('Age', (object) => age(object.metadata.creationTimestamp));

/** What `kubectl get --subresource=scale` shows. */
export const SCALE_COLUMNS: readonly Column[] = [
  nameColumn,
  column('Desired', (scale) => numberAt(scale, 'spec', 'replicas'), 'integer'),
  column('Available', (scale) => numberAt(scale, 'status', 'replicas'), 'integer'),
  ageColumn,
];

/** The columns of a kind; `definition` is the CustomResourceDefinition of a custom one. */
export const columnsOf = (kind: Kind, definition: KubeObject | undefined): readonly Column[] => {
  if (kind.type === undefined) return [nameColumn, ...customColumns(definition, kind.version)];
  const own = COLUMNS[kind.storage];
  if (own === undefined)
    return [nameColumn, column('Created At', (object) => object.metadata.creationTimestamp)];
  if (kind.plural === 'events') return own;
  const named = own[0]?.name === 'Name' ? own : [nameColumn, ...own];
  if (own.some(({ name }) => name === 'Age')) return named;
  const main = named.filter(({ priority }) => priority === 0);
  return [...main, ageColumn, ...named.filter(({ priority }) => priority === 1)];
};

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  ...WORKLOAD_COLUMNS,
  ...NETWORK_COLUMNS,
  ...STORAGE_COLUMNS,
  ...CLUSTER_COLUMNS,
};
