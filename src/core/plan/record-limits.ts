/** What a plan may do to records: names outlive mistakes worse than anything else. */
import { takenOver } from '../adopt/consent.ts';
import { type Actual, kindOf } from '../model/actual.ts';
import { differences } from '../model/fields.ts';
import type { Key } from '../model/key.ts';
import type { RecordRules } from '../model/record-rules.ts';
import type { Graph, Resource } from '../model/resource.ts';
import type { Hold } from './plan.ts';

/** The part of the operator's rules that the diff keeps. */
export type RecordLimits = Pick<RecordRules, 'policy' | 'maxDeletes'> & {
  /** Ids of the zones there are. That a list lacks one is no reason to delete what is in it. */
  readonly zones?: ReadonlySet<string>;
};

export const NO_LIMITS: RecordLimits = { policy: 'sync', maxDeletes: Number.POSITIVE_INFINITY };

/** Why a record that exists may not become what is wanted, where the operator permits new ones only. */
export const changeAgainstPolicy = (
  resource: Resource,
  actual: Actual,
  { policy }: RecordLimits,
): string | undefined => {
  const { owned, adoptable } = actual;
  const have = owned.get(resource.key) ?? adoptable.get(resource.key) ?? inItsPlace(resource, actual);
  if (policy !== 'create-only' || resource.kind !== 'dns-record' || have?.kind !== 'dns-record')
    return undefined;
  const [change] = differences('dns-record', resource.spec, have.spec);
  return change && `its ${change.field} differs, and --dns-policy=create-only changes no record that exists`;
};

/** Something foreign that the owner of the resource consents to taking over. */
export const inItsPlace = (resource: Resource, { foreign }: Actual): Resource | undefined => {
  const found = foreign.find(({ key }) => key === resource.key);
  return found && takenOver(found, resource);
};

/** Not wanted any more, and ours to take away: by other policies than `sync` a record stays for good. */
export const isGone = ({ key, kind }: Resource, graph: Graph, { policy }: RecordLimits): boolean =>
  !graph.has(key) && (kind !== 'dns-record' || policy === 'sync');

/** Deletes of records that wait: all of them when they are too many, and those whose zone nobody has seen. */
export const heldDeletes = (gone: ReadonlySet<Key>, { maxDeletes, zones }: RecordLimits): readonly Hold[] => {
  const records = [...gone].filter((key) => kindOf(key) === 'dns-record');
  const many =
    records.length > maxDeletes
      ? `${records.length} records would be deleted at once, more than --max-dns-deletes=${maxDeletes}; raise it if that is meant`
      : undefined;
  return records.flatMap((key): Hold[] => {
    const zone = key.split('/')[1] ?? '';
    const unseen = zones && !zones.has(zone) ? `zone ${zone} is not in the list of hosted zones` : undefined;
    const why = many ?? unseen;
    return why === undefined ? [] : [{ verb: 'hold', key, why }];
  });
};
