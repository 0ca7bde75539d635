/** The flags about DNS records. */
import type { AwsOptions } from '../aws/aws.ts';
import type { ZoneOfRole } from '../aws/zone-clients.ts';
import type { RecordRules } from '../core/model/record-rules.ts';
import type { FlagName } from './flags/table.ts';
import { type Options, UsageError } from './options.ts';

export const recordRulesOf = (options: Options): RecordRules => ({
  policy: options.word('dns-policy'),
  maxDeletes: wholeNumber(options, 'max-dns-deletes'),
  vanishedGrace: options.seconds('dns-delete-grace'),
  privateZones: options.word('dns-private-zones'),
  zoneType: options.word('dns-zone-type'),
  zoneIds: options.list('dns-zone-id-filter').map((id) => id.replace('/hostedzone/', '')),
  domains: options.list('dns-domain-filter').map((name) => name.replace(/^\.|\.$/g, '').toLowerCase()),
  claimAdopted: options.truth('dns-claim-adopted'),
});

/** What the AWS room has to know of them. */
export const recordAccessOf = (
  options: Options,
): Pick<
  AwsOptions,
  'zonesOfRoles' | 'adoptOwner' | 'externalDns' | 'maxRecordDeletes' | 'mayDeleteRecords'
> => {
  const adoptOwner = options.text('dns-adopt-owner');
  const names = {
    prefix: options.text('txt-prefix') ?? '',
    suffix: options.text('txt-suffix') ?? '',
    wildcard: options.text('txt-wildcard-replacement') ?? '',
  };
  if (names.prefix !== '' && names.suffix !== '')
    throw new UsageError(
      '--txt-prefix and --txt-suffix: expected one of them, as external-dns takes only one',
    );
  return {
    zonesOfRoles: options.list('dns-zone-roles').map(zoneOfRole),
    ...(adoptOwner && { adoptOwner }),
    externalDns: names,
    mayDeleteRecords: recordRulesOf(options).policy === 'sync',
    maxRecordDeletes: wholeNumber(options, 'max-dns-deletes'),
  };
};

const ZONE_OF_ROLE =
  /^([a-z0-9_.-]+?)\.?\/(?:hostedzone\/)?([A-Z0-9]{1,32})=(arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=.@/-]{1,512})(?:#([\w+=.@:/-]{2,1224}))?$/i;

const zoneOfRole = (text: string): ZoneOfRole => {
  const [, name, zone, arn, externalId] = ZONE_OF_ROLE.exec(text) ?? [];
  if (name === undefined || zone === undefined || arn === undefined)
    throw new UsageError(
      `--dns-zone-roles: expected NAME/ID=ROLE-ARN or NAME/ID=ROLE-ARN#EXTERNAL-ID, such as example.com/Z0123456789ABC=arn:aws:iam::123456789012:role/dns, got ${JSON.stringify(text)}`,
    );
  return {
    zone,
    name: name.toLowerCase(),
    role: { arn, ...(externalId !== undefined && { externalId }) },
  };
};

const wholeNumber = (options: Options, name: FlagName): number => {
  const text = options.required(name);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${name}: expected a whole number, got ${JSON.stringify(text)}`);
};
