/** How the targets of target groups fare, as the health checks of AWS see them. */

import type { Key } from './key.ts';
import type { Target } from './resource.ts';

/** What AWS knows a target by inside its group: `id:port`. */
export const addressOf = ({ id, port }: Pick<Target, 'id' | 'port'>): string => `${id}:${port}`;

/**
 * By {@link addressOf}: the state as AWS words it (`initial`, `healthy`, `unhealthy`, `unused`, `draining`,
 * `unavailable`).
 */
export type TargetStates = ReadonlyMap<string, string>;

/** By group. One that AWS does not know is not there. */
export type TargetHealths = ReadonlyMap<Key<'target-group'>, TargetStates>;

/** Whether any target of the group answers its health checks. */
export const hasHealthy = (group: Key<'target-group'>, healths: TargetHealths): boolean =>
  [...(healths.get(group)?.values() ?? [])].includes('healthy');
