/** Every probe of AWS's rules, by area. They run against the sandbox, and against other emulators for comparison. */
import { CERTIFICATES } from './sandbox-aws-probes-acm.ts';
import { BALANCERS, NAMES } from './sandbox-aws-probes-balancers.ts';
import { SECURITY_GROUPS } from './sandbox-aws-probes-ec2.ts';
import { ACTIONS, LISTENERS } from './sandbox-aws-probes-listeners.ts';
import { NETWORKS, TAGS } from './sandbox-aws-probes-networks.ts';
import { ALIASES, BATCHES } from './sandbox-aws-probes-route53.ts';
import { INPUTS } from './sandbox-aws-probes-route53-inputs.ts';
import { CONDITIONS, PRIORITIES } from './sandbox-aws-probes-rules.ts';
import { GROUPS, TARGETS } from './sandbox-aws-probes-targets.ts';
import type { Probe } from './sandbox-aws-world.ts';

export const PROBES = {
  'ELBv2 names': NAMES,
  'ELBv2 load balancers': BALANCERS,
  'ELBv2 networks': NETWORKS,
  'ELBv2 listeners': LISTENERS,
  'ELBv2 actions': ACTIONS,
  'ELBv2 conditions': CONDITIONS,
  'ELBv2 priorities': PRIORITIES,
  'ELBv2 target groups': GROUPS,
  'ELBv2 targets': TARGETS,
  'ELBv2 tags': TAGS,
  'EC2 security groups': SECURITY_GROUPS,
  'Route 53 inputs': INPUTS,
  'Route 53 batches': BATCHES,
  'Route 53 aliases': ALIASES,
  'ACM certificates': CERTIFICATES,
} as const satisfies Readonly<Record<string, readonly Probe[]>>;
