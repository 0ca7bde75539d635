/** Record sets as they are stored: canonical names, keys, equality. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { storedName } from './names.ts';

export type StoredRecord = ResourceRecordSet & { readonly Name: string; readonly Type: string };

/** A record set with its names as Route 53 stores them. */
export const storedRecord = (given: ResourceRecordSet): StoredRecord => {
  const { Name = '', Type = 'A', AliasTarget, ...rest } = given;
  return {
    Name: storedName(Name),
    Type,
    ...rest,
    ...(AliasTarget === undefined
      ? {}
      : {
          AliasTarget: {
            HostedZoneId: (AliasTarget.HostedZoneId ?? '').replace(/^\/hostedzone\//, ''),
            DNSName: storedName(AliasTarget.DNSName ?? ''),
            EvaluateTargetHealth: AliasTarget.EvaluateTargetHealth,
          },
        }),
  };
};

export const recordKey = ({ Name, Type, SetIdentifier }: ResourceRecordSet): string =>
  `${Name}|${Type}|${SetIdentifier ?? ''}`;

/** Whether two record sets say the same; the order of values does not count. */
export const sameRecord = (a: ResourceRecordSet, b: ResourceRecordSet): boolean =>
  canonical(a) === canonical(b);

const canonical = ({ ResourceRecords, ...rest }: ResourceRecordSet): string =>
  JSON.stringify([
    Object.entries(rest)
      .filter(([, value]) => value !== undefined)
      .sort(([x], [y]) => (x < y ? -1 : 1)),
    (ResourceRecords ?? []).map(({ Value }) => Value ?? '').sort(),
  ]);
