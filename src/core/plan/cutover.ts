/** When a cut-over goes on, and when it goes back: the conditions of its steps, as plan data. */
import { shareOf } from '../model/cutover.ts';
import { differences } from '../model/fields.ts';
import type { Resource } from '../model/resource.ts';
import type { Update } from './plan.ts';

type Record = Resource<'dns-record'>;

/** The next operation on a name that is shared; undefined when there is nothing to do and nothing to watch. */
export const stepOf = (want: Record, have: Record): Update | undefined => {
  const { spec: now } = have;
  const { spec: next, key } = want;
  const changes = differences('dns-record', next, now);
  const update = { verb: 'update', key, resource: want, changes, after: [] } as const;
  const share = shareOf(now);
  if (next.alias !== now.alias) return { ...update, when: 'serving' };
  if (next.cutover && shareOf(next) < share) return update;
  const back = share > 0 ? goingBack(want, have) : undefined;
  if (changes.length === 0) return back && { ...update, ...back, when: 'not serving' };
  // With consent to taking the name over there is no interval to wait for.
  const { stepInterval } = next;
  return {
    ...update,
    when: 'serving',
    ...(stepInterval !== undefined &&
      now.cutover && { step: { since: now.cutover.since, interval: stepInterval } }),
    ...(back && { back }),
  };
};

/** Everything to what was there before; our half stays, without a share. */
const goingBack = (want: Record, { spec }: Record): Pick<Update, 'resource' | 'changes'> | undefined => {
  if (spec.routing?.policy !== 'weighted') return undefined;
  const returned = { ...spec, routing: { ...spec.routing, weight: 0 }, serves: want.spec.serves };
  return {
    resource: { ...want, spec: returned },
    changes: differences('dns-record', returned, spec),
  };
};
