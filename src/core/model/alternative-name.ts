import { sha256Hex } from './digest.ts';

/**
 * The name something takes while its proper one belongs to what it replaces: AWS lets a target group serve one load
 * balancer only, and during a replacement both balancers serve. Same length, other hash; `generation` tells one
 * from the other, as the scheme of the balancer does.
 */
export const alternativeName = (name: string, generation: string): string =>
  `${name.slice(0, -10)}${sha256Hex([name, generation], 10)}`;
