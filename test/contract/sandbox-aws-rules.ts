/** AWS's rules as the sandbox keeps them: where each is known from and which probes enforce it. */
import type { Section } from './sandbox-aws-rule.ts';
import { BALANCERS } from './sandbox-aws-rules-balancers.ts';
import { GROUPS } from './sandbox-aws-rules-groups.ts';
import { LISTENERS } from './sandbox-aws-rules-listeners.ts';
import { NETWORK } from './sandbox-aws-rules-nlb.ts';
import { OTHERS } from './sandbox-aws-rules-others.ts';
import { ROUTE53 } from './sandbox-aws-rules-route53.ts';
import { RULES } from './sandbox-aws-rules-rules.ts';
import { TARGETS } from './sandbox-aws-rules-targets.ts';

export const SECTIONS: readonly Section[] = [
  BALANCERS,
  LISTENERS,
  RULES,
  TARGETS,
  NETWORK,
  GROUPS,
  ROUTE53,
  OTHERS,
];
