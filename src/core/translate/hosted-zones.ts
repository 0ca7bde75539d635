/** Which hosted zone a host belongs to. */
import type { HostedZone } from '../model/facts.ts';
import type { RecordRules } from '../model/record-rules.ts';

export type ZoneWish = {
  /** Id of the zone that an Ingress names: its choice, within what the operator leaves open. */
  readonly pinned?: string | undefined;
  readonly internal: boolean;
};

/** `why` only where there was a choice. `shut`: the zone is known, and cannot be reached now. */
export type ZoneChoice =
  | { readonly zone: HostedZone; readonly why?: string }
  | { readonly none: string }
  | { readonly shut: string };

const covers = (zone: HostedZone, host: string): boolean =>
  host === zone.name || host.endsWith(`.${zone.name}`);

const isBelow = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

/** Whether the operator lets us work in a zone. */
export const isOpen = (
  zone: HostedZone,
  { zoneType, zoneIds, domains }: Pick<RecordRules, 'zoneType' | 'zoneIds' | 'domains'>,
): boolean =>
  (zoneType === 'any' || zone.shut !== undefined || zone.private === (zoneType === 'private')) &&
  (zoneIds.length === 0 || zoneIds.includes(zone.id)) &&
  (domains.length === 0 || domains.some((domain) => isBelow(zone.name, domain)));

/**
 * The zone with the longest name that covers the host; among equal names the public one, so that a private twin
 * for a VPC is never changed by accident. A wildcard belongs where its parent does.
 */
export const zoneFor = (
  host: string,
  zones: readonly HostedZone[],
  rules: RecordRules,
  { pinned, internal }: ZoneWish,
): ZoneChoice => {
  const name = host.replace(/^\*\./, '');
  if (pinned !== undefined) return pinnedZone(name, pinned, zones, rules);
  const covering = zones.filter((zone) => covers(zone, name));
  const open = covering.filter((zone) => isOpen(zone, rules));
  const privateFirst = internal && rules.privateZones === 'prefer';
  const [zone, next] = open.toSorted(
    (a, b) =>
      (privateFirst ? Number(b.private) - Number(a.private) : 0) ||
      b.name.length - a.name.length ||
      Number(a.private) - Number(b.private) ||
      (a.id < b.id ? -1 : 1),
  );
  if (!zone)
    return {
      none:
        covering.length > 0
          ? `the zones that cover it (${covering.map(shown).join(', ')}) are closed by the zone filters of the controller`
          : `no hosted zone of this account covers it; it has ${[...new Set(zones.map((it) => it.name))].sort().join(', ') || 'none'}`,
    };
  // Whether a zone that cannot be reached is private is not known, so its twin might be the wrong one.
  const shut = open.find((other) => other.shut !== undefined && other.name === zone.name);
  if (shut) return { shut: shut.shut ?? '' };
  return next ? { zone, why: whyNot(zone, next, privateFirst) } : { zone };
};

const pinnedZone = (
  name: string,
  pinned: string,
  zones: readonly HostedZone[],
  rules: RecordRules,
): ZoneChoice => {
  const zone = zones.find(({ id }) => id === pinned);
  if (!zone) return { none: `the zone ${pinned} it is pinned to is none of this account` };
  if (!isOpen(zone, rules))
    return {
      none: `the zone ${shown(zone)} it is pinned to is closed by the zone filters of the controller`,
    };
  if (zone.shut !== undefined) return { shut: zone.shut };
  return covers(zone, name)
    ? { zone, why: `${shown(zone)}, pinned by the Ingress` }
    : { none: `the zone ${shown(zone)} it is pinned to does not cover it` };
};

const shown = (zone: HostedZone): string =>
  `${zone.name} (${zone.id}, ${zone.private ? 'private' : 'public'})`;

const whyNot = (zone: HostedZone, next: HostedZone, privateFirst: boolean): string => {
  const reason =
    privateFirst && zone.private !== next.private
      ? 'private zones first'
      : zone.name !== next.name
        ? 'the longest name'
        : zone.private === next.private
          ? 'the lower id of equal names; pin the other one if it is meant'
          : 'public zones first';
  return `${shown(zone)}, not ${shown(next)}: ${reason}`;
};
