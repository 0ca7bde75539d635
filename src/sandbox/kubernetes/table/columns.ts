import type { Kind } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import { CLUSTER_COLUMNS } from './cluster-columns.ts';
import { customColumns } from './custom-columns.ts';
import { NETWORK_COLUMNS } from './network-columns.ts';
import { age, type Column, column } from './table.ts';
import { WORKLOAD_COLUMNS } from './workload-columns.ts';

const nameColumn = column('Name', (object) => object.metadata.name);
const ageColumn = column('Age', (object) => age(object.metadata.creationTimestamp));

/** The columns of a kind; `definition` is the CustomResourceDefinition of a custom one. */
export const columnsOf = (kind: Kind, definition: KubeObject | undefined): readonly Column[] => {
  if (kind.type === undefined) return [nameColumn, ...customColumns(definition, kind.version)];
  const own =
    WORKLOAD_COLUMNS[kind.storage] ?? NETWORK_COLUMNS[kind.storage] ?? CLUSTER_COLUMNS[kind.storage];
  if (own === undefined)
    return [nameColumn, column('Created At', (object) => object.metadata.creationTimestamp)];
  if (kind.plural === 'events') return own;
  const main = own.filter(({ priority }) => priority === 0);
  if (own.some(({ name }) => name === 'Age')) return [nameColumn, ...own];
  return [nameColumn, ...main, ageColumn, ...own.filter(({ priority }) => priority === 1)];
};
