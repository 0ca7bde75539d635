/** EC2's networking as the endpoint serves it. */
import type { Account } from '../account.ts';
import type { Service } from '../wire/operation.ts';
import { instanceOperations } from './instances.ts';
import { networkOperations } from './network-operations.ts';
import { securityGroupRuleOperations } from './security-group-rules.ts';
import { securityGroupOperations } from './security-groups.ts';
import { tagOperations } from './tags.ts';

export const ec2Service = (account: Account): Service => ({
  signingName: 'ec2',
  protocol: 'ec2',
  version: '2016-11-15',
  xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  operations: {
    ...networkOperations(account),
    ...instanceOperations(account),
    ...securityGroupOperations(account),
    ...securityGroupRuleOperations(account),
    ...tagOperations(account),
  },
  constraints: {},
  invalidCode: 'InvalidParameterValue',
  global: false,
});
