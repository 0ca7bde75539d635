/** Record sets as lines: `TYPE name -> balancer` or `TYPE name TTL value`, with `+health` and ` [set policy setting]`. */
import type { ResourceRecordSet, ResourceRecordSetRegion, RRType } from '@aws-sdk/client-route-53';

/** Load balancers by what lines call them. */
export type Names = ReadonlyMap<string, { readonly dnsName: string; readonly zone: string }>;

const LINE = /^(\S+) (\S+) (?:-> (\w+)(\+health)?|(\d+) (.+?))(?: \[(\S+) (\w+)(?: (\S+))?\])?$/;

/** A record set from its line. */
export const parseLine = (line: string, names: Names): ResourceRecordSet => {
  const [, type, Name, target, health, ttl, value, set, policy, setting] = LINE.exec(line) ?? [];
  if (!type || !Name) throw new Error(`no record: ${line}`);
  const balancer = names.get(target ?? '');
  return {
    Name,
    Type: type as RRType,
    ...(balancer
      ? {
          AliasTarget: {
            DNSName: balancer.dnsName,
            HostedZoneId: balancer.zone,
            EvaluateTargetHealth: health !== undefined,
          },
        }
      : { TTL: Number(ttl), ResourceRecords: [{ Value: value }] }),
    ...(set !== undefined && { SetIdentifier: set }),
    ...(policy === 'weighted' && { Weight: Number(setting) }),
    ...(policy === 'latency' && { Region: setting as ResourceRecordSetRegion }),
    ...(policy === 'failover' && { Failover: setting as 'PRIMARY' }),
    ...(policy === 'continent' && { GeoLocation: { ContinentCode: setting } }),
    ...(policy === 'country' && { GeoLocation: { CountryCode: setting } }),
    ...(policy === 'multivalue' && { MultiValueAnswer: true }),
  };
};

/** The line of a record set. */
export const lineOf = (record: ResourceRecordSet, names: Names): string => {
  const name = (record.Name ?? '').replace(/\.$/, '').replace('\\052', '*');
  const bare = (text = ''): string => text.replace(/\.$/, '').replace(/^dualstack\./, '');
  const called = (dnsName: string): string =>
    [...names].find(([, it]) => it.dnsName === dnsName)?.[0] ?? dnsName;
  const { AliasTarget, ResourceRecords, TTL } = record;
  const what = AliasTarget
    ? `-> ${called(bare(AliasTarget.DNSName))}${AliasTarget.EvaluateTargetHealth ? '+health' : ''}`
    : `${TTL} ${(ResourceRecords ?? []).map(({ Value }) => called(Value ?? '')).join(',')}`;
  const policy = [
    record.Weight !== undefined ? `weighted ${record.Weight}` : undefined,
    record.Region && `latency ${record.Region}`,
    record.Failover && `failover ${record.Failover}`,
    record.GeoLocation?.ContinentCode && `continent ${record.GeoLocation.ContinentCode}`,
    record.GeoLocation?.CountryCode && `country ${record.GeoLocation.CountryCode}`,
    record.MultiValueAnswer && 'multivalue',
  ].find((it) => it !== undefined);
  return `${record.Type} ${name} ${what}${record.SetIdentifier === undefined ? '' : ` [${record.SetIdentifier} ${policy}]`}`;
};
