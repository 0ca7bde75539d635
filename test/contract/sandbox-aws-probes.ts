/** Every probe of AWS's rules, by area. They run against the sandbox, and against other emulators for comparison. */

import { BALANCER_BEHAVIOUR, RULE_BEHAVIOUR, TARGET_BEHAVIOUR } from './sandbox-aws-probes-accepted.ts';
import { EC2_BEHAVIOUR, ROUTE53_BEHAVIOUR } from './sandbox-aws-probes-accepted-names.ts';
import { CERTIFICATES } from './sandbox-aws-probes-acm.ts';
import { ACTIONS } from './sandbox-aws-probes-actions.ts';
import { BALANCERS, NAMES } from './sandbox-aws-probes-balancers.ts';
import { SECURITY_GROUPS } from './sandbox-aws-probes-ec2.ts';
import { FORWARDING } from './sandbox-aws-probes-forwarding.ts';
import { ADDRESS_POOLS, ADDRESSES } from './sandbox-aws-probes-ipam.ts';
import { LISTENERS } from './sandbox-aws-probes-listeners.ts';
import { LOOK_UPS, ROLES } from './sandbox-aws-probes-look-ups.ts';
import { NETWORKS, TAGS } from './sandbox-aws-probes-networks.ts';
import { NETWORK_BALANCERS, NETWORK_LISTENERS } from './sandbox-aws-probes-nlb.ts';
import { NETWORK_TARGETS } from './sandbox-aws-probes-nlb-targets.ts';
import { ALIASES, BATCHES } from './sandbox-aws-probes-route53.ts';
import { INPUTS } from './sandbox-aws-probes-route53-inputs.ts';
import { POLICIES } from './sandbox-aws-probes-route53-policies.ts';
import { CONDITIONS, PRIORITIES } from './sandbox-aws-probes-rules.ts';
import {
  PROTECTIONS,
  RESOURCES,
  SERVER_CERTIFICATES,
  USER_POOLS,
  WEB_ACLS,
} from './sandbox-aws-probes-services.ts';
import { GROUPS, TARGETS } from './sandbox-aws-probes-targets.ts';
import { TRUST } from './sandbox-aws-probes-trust.ts';
import { CAPACITY, TRUST_STORES } from './sandbox-aws-probes-trust-stores.ts';
import { GATEWAYS, INSTANCES, VPCS } from './sandbox-aws-probes-vpcs.ts';
import type { Probe } from './sandbox-aws-world.ts';

export const PROBES = {
  'ELBv2 names': NAMES,
  'ELBv2 load balancers': BALANCERS,
  'ELBv2 networks': NETWORKS,
  'ELBv2 listeners': LISTENERS,
  'ELBv2 actions': ACTIONS,
  'ELBv2 forwarding': FORWARDING,
  'ELBv2 conditions': CONDITIONS,
  'ELBv2 priorities': PRIORITIES,
  'ELBv2 target groups': GROUPS,
  'ELBv2 targets': TARGETS,
  'ELBv2 tags': TAGS,
  'ELBv2 trust stores': TRUST_STORES,
  'ELBv2 capacity': CAPACITY,
  'ELBv2 network load balancers': NETWORK_BALANCERS,
  'ELBv2 network listeners': NETWORK_LISTENERS,
  'ELBv2 network targets': NETWORK_TARGETS,
  'ELBv2 address pools': ADDRESS_POOLS,
  'EC2 addresses': ADDRESSES,
  'EC2 security groups': SECURITY_GROUPS,
  'EC2 VPCs': VPCS,
  'EC2 look-ups': LOOK_UPS,
  'EC2 gateways': GATEWAYS,
  'EC2 instances': INSTANCES,
  'Route 53 inputs': INPUTS,
  'Route 53 batches': BATCHES,
  'Route 53 aliases': ALIASES,
  'Route 53 policies': POLICIES,
  'ACM certificates': CERTIFICATES,
  'WAF web ACLs': WEB_ACLS,
  'Shield protections': PROTECTIONS,
  'Tagging resources': RESOURCES,
  'STS roles': ROLES,
  'IAM server certificates': SERVER_CERTIFICATES,
  'IAM trust policies': TRUST,
  'Cognito user pools': USER_POOLS,
  'ELBv2 load balancers do': BALANCER_BEHAVIOUR,
  'ELBv2 rules do': RULE_BEHAVIOUR,
  'ELBv2 targets do': TARGET_BEHAVIOUR,
  'EC2 does': EC2_BEHAVIOUR,
  'Route 53 does': ROUTE53_BEHAVIOUR,
} as const satisfies Readonly<Record<string, readonly Probe[]>>;
