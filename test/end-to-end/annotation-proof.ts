/** What proves that an annotation does what it says. */

import type { Eyes } from './annotation-eyes.ts';
import type { Ask } from './annotation-requests.ts';
import type { Account } from './annotation-sites.ts';
import type { World } from './world.ts';

export type Scene = {
  readonly world: World;
  readonly account: Account;
  readonly eyes: Eyes;
  readonly ask: Ask;
};

export type Proof = {
  /** What AWS holds because of it, which is not what AWS or this controller would choose. */
  readonly aws: (scene: Scene) => Promise<unknown>;
  readonly is: unknown;
  /** What becomes of requests; or why they are no different. */
  readonly requests: ((scene: Scene) => Promise<unknown>) | { readonly same: string };
  /** What `requests` gives; `true` when absent. */
  readonly answers?: unknown;
};
