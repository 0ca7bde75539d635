import { sha256Hex } from './digest.ts';
import type { Scheme } from './resource.ts';

/**
 * The name a target group takes while its proper one belongs to the group it replaces: AWS lets a target group
 * serve one load balancer only, and during a replacement both balancers serve. Same length, other hash.
 */
export const alternativeName = (name: string, scheme: Scheme): string =>
  `${name.slice(0, -10)}${sha256Hex([name, scheme], 10)}`;
