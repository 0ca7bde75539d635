/** Which hosted zone a host belongs to. */
import type { HostedZone } from '../model/facts.ts';

const covers = (zone: HostedZone, host: string): boolean =>
  host === zone.name || host.endsWith(`.${zone.name}`);

/**
 * The zone with the longest name that covers the host; among equal names the public one, so that a private twin
 * for a VPC is never changed by accident. A wildcard belongs where its parent does.
 */
export const zoneFor = (host: string, zones: readonly HostedZone[]): HostedZone | undefined =>
  zones
    .filter((zone) => covers(zone, host.replace(/^\*\./, '')))
    .toSorted(
      (a, b) =>
        b.name.length - a.name.length || Number(a.private) - Number(b.private) || (a.id < b.id ? -1 : 1),
    )[0];
