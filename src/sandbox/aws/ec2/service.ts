/** EC2's networking as the endpoint serves it. */
import type { ServiceDoor } from '../service-door.ts';
import { door } from '../service-door.ts';
import { repeatable } from './client-tokens.ts';
import { elasticAddressOperations } from './elastic-addresses.ts';
import { gatewayOperations } from './gateways.ts';
import { instanceOperations } from './instances.ts';
import { ipamOperations } from './ipam.ts';
import { launchOperations } from './launch.ts';
import { lookUpOperations } from './lookups.ts';
import { networkOperations } from './network-operations.ts';
import { prefixListOperations } from './prefix-lists.ts';
import { routeTableOperations } from './route-tables.ts';
import { securityGroupRuleOperations } from './security-group-rules.ts';
import { securityGroupOperations } from './security-groups.ts';
import { subnetOperations } from './subnets.ts';
import { tagOperations } from './tags.ts';
import { vpcOperations } from './vpcs.ts';

export const EC2: ServiceDoor = door(
  {
    signingName: 'ec2',
    protocol: 'ec2',
    version: '2016-11-15',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    invalidCode: 'InvalidParameterValue',
    global: false,
  },
  ({ account }) => ({
    operations: repeatable(account, {
      ...networkOperations(account),
      ...instanceOperations(account),
      ...securityGroupOperations(account),
      ...securityGroupRuleOperations(account),
      ...tagOperations(account),
      ...vpcOperations(account),
      ...subnetOperations(account),
      ...gatewayOperations(account),
      ...routeTableOperations(account),
      ...launchOperations(account),
      ...prefixListOperations(account),
      ...elasticAddressOperations(account),
      ...ipamOperations(account),
      ...lookUpOperations(account),
    }),
    constraints: {},
  }),
);
