/** Does one operation of a plan. What AWS answers becomes an attempt; only our own mistakes are thrown. */
import { takenOver } from '../core/adopt/consent.ts';
import { type Actual, kindOf } from '../core/model/actual.ts';
import type { Kind } from '../core/model/key.ts';
import type { Resource } from '../core/model/resource.ts';
import type { Operation } from '../core/plan/plan.ts';
import type { Attempt } from '../core/ports.ts';
import { handOut } from './client-credentials.ts';
import { failedAttempt } from './errors.ts';
import { certificate } from './kinds/certificate.ts';
import { dnsRecord, stackOfRecord } from './kinds/dns-record.ts';
import { type Driver, type Site, siteOf, type Update } from './kinds/driver.ts';
import { listener } from './kinds/listener.ts';
import { loadBalancer } from './kinds/load-balancer.ts';
import { networkListener } from './kinds/network-listener.ts';
import { networkLoadBalancer } from './kinds/network-load-balancer.ts';
import { networkTargetGroup } from './kinds/network-target-group.ts';
import { moveRules, rule } from './kinds/rule.ts';
import { securityGroup } from './kinds/security-group.ts';
import { targetAccess } from './kinds/target-access.ts';
import { targetGroup } from './kinds/target-group.ts';
import type { Sight } from './observe.ts';

const DRIVERS: { readonly [K in Kind]: Driver<K> } = {
  'security-group': securityGroup,
  certificate,
  'target-group': targetGroup,
  'load-balancer': loadBalancer,
  listener,
  rule,
  'network-load-balancer': networkLoadBalancer,
  'network-target-group': networkTargetGroup,
  'network-listener': networkListener,
  'target-access': targetAccess,
  'dns-record': dnsRecord,
};

export const perform = async (sight: Sight, operation: Operation, actual: Actual): Promise<Attempt> => {
  const { clientOf, withoutSecrets } = handOut(sight.account);
  const site = siteOf(sight.account, actual, clientOf);
  const made = await attempt(operation, site).catch((thrown: unknown) =>
    withoutSecrets(failedAttempt(thrown)),
  );
  remember(sight, operation, actual, made);
  return made;
};

const attempt = async (operation: Operation, site: Site): Promise<Attempt> => {
  switch (operation.verb) {
    case 'create':
      return driverOf(operation.resource).create(operation.resource, site);
    case 'delete':
      return driverOf(operation.resource).remove(operation.resource, site);
    case 'move':
      return moveRules(operation, site);
    case 'update':
    case 'prepare':
    case 'adopt':
      return change(operation, site);
  }
};

/** The compiler cannot see that a resource and the driver of its kind belong together. */
const driverOf = (resource: Resource): Driver<Kind> => DRIVERS[resource.kind] as unknown as Driver<Kind>;

/** Adopting is no different: the ownership tags that are missing stand among the changes. */
const change = (
  operation: Extract<Operation, { verb: 'update' | 'prepare' | 'adopt' }>,
  site: Site,
): Promise<Attempt> => {
  const { resource: want, changes } = operation;
  const { owned, adoptable, foreign } = site.actual;
  const inItsPlace = foreign.find(({ key }) => key === want.key);
  const found = owned.get(want.key) ?? adoptable.get(want.key) ?? (inItsPlace && takenOver(inItsPlace, want));
  if (found?.kind !== want.kind)
    return Promise.resolve({
      status: 'failed',
      code: 'MissingReference',
      message: `${want.key} is not known in AWS; it has to be looked up again`,
      retry: true,
    });
  const named = new Set(changes.map(({ field }) => field.replace(/[.[].*$/, '')));
  const update: Update<Kind> = { want, have: found.spec, changes: (field) => named.has(field) };
  return driverOf(want).update(update, site);
};

/** What the operation concerns has to be read anew, whatever came of it: an answer may have been lost. */
const remember = (
  { listings, records }: Sight,
  operation: Operation,
  actual: Actual,
  { status }: Attempt,
): void => {
  const { key } = operation;
  if (kindOf(key) !== 'dns-record') listings.touched(key, actual.ids.get(key));
  else if ('resource' in operation && operation.resource.kind === 'dns-record') {
    const { spec } = operation.resource;
    const isGone = operation.verb === 'delete' && status === 'done';
    (isGone ? records.removed : records.written)(spec, stackOfRecord(spec));
  }
};
