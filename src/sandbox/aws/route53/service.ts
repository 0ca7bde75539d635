/** Route 53 as the endpoint serves it. */
import type { ServiceDoor } from '../service-door.ts';
import { door } from '../service-door.ts';
import type { Constraints } from '../wire/operation.ts';
import { changeOperations } from './changes.ts';
import { recordOperations } from './record-sets.ts';
import { zoneTagOperations } from './zone-tags.ts';
import { zoneOperations } from './zones.ts';

/** What AWS's Route 53 model says of members beyond their types. */
const CONSTRAINTS: Constraints = {
  'ChangeBatch.Changes': { min: 1 },
  'Change.Action': { values: ['CREATE', 'DELETE', 'UPSERT'] },
  'ResourceRecordSet.Name': { max: 1024 },
  'ResourceRecordSet.SetIdentifier': { min: 1, max: 128 },
  'ResourceRecordSet.Weight': { min: 0, max: 255 },
  'ResourceRecordSet.TTL': { min: 0, max: 2_147_483_647 },
  'ResourceRecordSet.ResourceRecords': { min: 1 },
  'ResourceRecord.Value': { max: 4000 },
  'CreateHostedZoneRequest.Name': { max: 1024 },
  'CreateHostedZoneRequest.CallerReference': { min: 1, max: 128 },
  'HostedZoneConfig.Comment': { max: 256 },
  'ListTagsForResourcesRequest.ResourceIds': { min: 1, max: 10 },
  'ChangeTagsForResourceRequest.AddTags': { min: 1, max: 10 },
  'ChangeTagsForResourceRequest.RemoveTagKeys': { min: 1, max: 10 },
  'Tag.Key': { max: 128 },
  'Tag.Value': { max: 256 },
};

export const ROUTE53: ServiceDoor = door(
  {
    signingName: 'route53',
    protocol: 'rest-xml',
    version: '2013-04-01',
    xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
    invalidCode: 'InvalidInput',
    global: true,
  },
  ({ account }) => ({
    operations: {
      ...zoneOperations(account),
      ...recordOperations(account),
      ...changeOperations(account),
      ...zoneTagOperations(account),
    },
    constraints: CONSTRAINTS,
  }),
);
