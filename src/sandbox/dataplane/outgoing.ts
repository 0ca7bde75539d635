import type { Readable } from 'node:stream';
import type { ServingState } from '../aws/state.ts';
import type { TargetAddress } from './target-address.ts';
import type { PickedTarget } from './target-pool.ts';

/** A request as it is sent to a target. */
export type Outgoing = {
  readonly target: PickedTarget;
  readonly secure: boolean;
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Readable | undefined;
  /** Longest silence of the target in real milliseconds. */
  readonly idleTimeoutMs: number;
};

/** Origin that connections to a target are shared by. */
export const originOf = (outgoing: Outgoing): string =>
  origin(outgoing.secure, outgoing.target.address, outgoing.target.port);

/** Origins of every registered target: kept connections to others are of no more use. */
export const originsInState = (state: ServingState, addressOf: TargetAddress): ReadonlySet<string> => {
  const origins = new Set<string>();
  for (const group of state.targetGroups.values()) {
    for (const target of group.targets.values()) {
      const address = addressOf(group, target);
      if (address !== undefined) origins.add(origin(group.Protocol === 'HTTPS', address, target.port));
    }
  }
  return origins;
};

const origin = (secure: boolean, address: string, port: number): string =>
  `${secure ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
