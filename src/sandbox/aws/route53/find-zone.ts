/** Looks up a hosted zone by either form of its id. */
import { NoSuchHostedZone$ } from '@aws-sdk/client-route-53';
import type { Account } from '../account.ts';
import type { ZoneDetails } from '../details.ts';
import type { StoredZone } from '../state.ts';
import { refuse } from '../wire/refusal.ts';

export const zoneAt = (
  account: Account,
  given: string,
): { readonly id: string; readonly zone: StoredZone; readonly details: ZoneDetails } => {
  const id = given.replace(/^\/?hostedzone\//, '');
  const zone = account.serving.zones.get(id);
  if (zone === undefined) throw refuse(NoSuchHostedZone$, `No hosted zone found with ID: ${id}`, 404);
  let details = account.zoneDetails.get(id);
  if (details === undefined) {
    details = { tags: {} };
    account.zoneDetails.set(id, details);
  }
  return { id, zone, details };
};
