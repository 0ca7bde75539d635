/** Change batches: every change checked in order, then all applied, or none. */

import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { InvalidChangeBatch$ } from '@aws-sdk/client-route-53';
import type { Account } from '../account.ts';
import type { Facts } from '../facts.ts';
import type { StoredZone } from '../state.ts';
import { refuse } from '../wire/refusal.ts';
import { aliasProblem } from './alias.ts';
import type { Draft } from './draft.ts';
import { draftOf } from './draft.ts';
import type { StoredRecord } from './record.ts';
import { recordKey, sameRecord, storedRecord } from './record.ts';
import { checkForm, recordProblem } from './record-checks.ts';
import { groupProblem, policyOf } from './routing-policy.ts';

type Step = { readonly action: string; readonly record: StoredRecord };

/** Checks a batch and returns the changes to make to the zone's records; throws without having changed anything. */
export const planBatch = (
  account: Account,
  zone: StoredZone,
  zoneId: string,
  changes: readonly Change[],
): { readonly put: ResourceRecordSet[]; readonly remove: ResourceRecordSet[] } => {
  for (const { ResourceRecordSet: record } of changes) if (record !== undefined) checkForm(record);
  const steps = changes.map(
    (change): Step => ({
      action: change.Action ?? '',
      record: storedRecord(change.ResourceRecordSet ?? { Name: '', Type: 'A' }),
    }),
  );
  checkSize(account, steps);
  const problems = twice(steps);
  if (problems.length > 0) throw batchError(problems);
  const after = draftOf(zone);
  for (const step of steps) {
    const problem = stepProblem(account, step, zone, after);
    if (problem !== undefined) problems.push(problem);
  }
  const touched = [...new Set(steps.map(({ record }) => recordKey(record)))];
  if (problems.length === 0) problems.push(...endProblems(account, zone, zoneId, after, touched));
  if (problems.length > 0) throw batchError(problems);
  return {
    put: touched.flatMap((key) => after.get(key) ?? []),
    remove: touched.flatMap((key) => (after.get(key) === undefined ? (zone.records.get(key) ?? []) : [])),
  };
};

const batchError = (problems: readonly string[]) => refuse(InvalidChangeBatch$, `[${problems.join(', ')}]`);

/** The same done to a record set twice; deleting it and then making it anew is how one is replaced. */
const twice = (steps: readonly Step[]): string[] => {
  const seen = new Set<string>();
  const repeated = steps.filter(({ action, record }) => {
    const step = `${action} ${recordKey(record)}`;
    return seen.has(step) || !seen.add(step);
  });
  return [...new Set(repeated.map(({ record }) => `${record.Type} ${record.Name}`))].map(
    (name) => `The request contains an invalid set of changes for a resource record set '${name}'`,
  );
};

/** Limits on one request; an UPSERT counts twice. */
const checkSize = ({ facts }: Account, steps: readonly Step[]): void => {
  let elements = 0;
  let characters = 0;
  for (const { action, record } of steps) {
    const times = action === 'UPSERT' ? 2 : 1;
    const values = record.ResourceRecords ?? [];
    elements += times * Math.max(values.length, 1);
    characters += times * values.reduce((sum, { Value }) => sum + (Value ?? '').length, 0);
  }
  if (elements > facts.recordElementsPerChange)
    throw batchError([`Number of records limit of ${facts.recordElementsPerChange} exceeded.`]);
  if (characters > facts.valueCharactersPerChange)
    throw batchError([`Number of characters limit of ${facts.valueCharactersPerChange} exceeded.`]);
};

const stepProblem = (
  { facts }: Account,
  { action, record }: Step,
  zone: StoredZone,
  after: Draft,
): string | undefined => {
  const key = recordKey(record);
  const present = after.get(key);
  const named = `[name='${record.Name}', type='${record.Type}'${record.SetIdentifier === undefined ? '' : `, set-identifier='${record.SetIdentifier}'`}]`;
  if (action === 'DELETE') {
    if (present === undefined) return `Tried to delete resource record set ${named} but it was not found`;
    if (!sameRecord(present, record))
      return `Tried to delete resource record set ${named} but the values provided do not match the current values`;
    after.remove(key);
    return undefined;
  }
  const problem = recordProblem(facts, record, zone.zone.Name);
  if (problem !== undefined) return problem;
  if (action === 'CREATE' && present !== undefined)
    return `Tried to create resource record set ${named} but it already exists`;
  after.put(record);
  return undefined;
};

/** What may not be true of the zone once all changes are made. */
const endProblems = (
  account: Account,
  zone: StoredZone,
  zoneId: string,
  after: Draft,
  touched: readonly string[],
): string[] => {
  const name = zone.zone.Name;
  const problems: string[] = [];
  if (after.get(`${name}|NS|`) === undefined)
    problems.push('A HostedZone must contain at least one NS record for the zone itself.');
  if (after.get(`${name}|SOA|`) === undefined)
    problems.push('A HostedZone must contain exactly one SOA record.');
  const most = account.facts.recordsPerZone;
  if (after.size() > most && after.size() > zone.records.size)
    problems.push(`The zone ${name} cannot have more than ${most} record sets`);
  for (const key of touched) {
    const record = after.get(key);
    if (record === undefined) continue;
    const problem =
      conflict(account.facts, record, after.named(record.Name ?? ''), name) ??
      aliasProblem(account, storedRecord(record), { id: zoneId, name }, after);
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
};

const conflict = (
  facts: Facts,
  record: ResourceRecordSet,
  sameName: readonly ResourceRecordSet[],
  zone: string,
): string | undefined => {
  const { Name, Type, SetIdentifier } = record;
  const others = sameName.filter((other) => other !== record);
  if (Type === 'CNAME' && others.some((other) => other.Type !== 'CNAME')) {
    return `RRSet of type CNAME with DNS name ${Name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`;
  }
  if (Type !== 'CNAME' && others.some((other) => other.Type === 'CNAME')) {
    return `RRSet of type ${Type} with DNS name ${Name} is not permitted as it conflicts with the CNAME record with the same DNS name in zone ${zone}`;
  }
  const twins = others.filter((other) => other.Type === Type);
  if (twins.some((other) => policyOf(other) !== policyOf(record))) {
    return `RRSet with DNS name ${Name}, type ${Type}, SetIdentifier ${SetIdentifier ?? 'null'} cannot be created because another RRSet exists with the same name and type, but with another routing policy`;
  }
  return groupProblem(facts, record, twins);
};
