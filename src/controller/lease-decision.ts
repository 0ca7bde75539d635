/** Who may take a lease, as a pure decision. Times are of the local clock only: clocks of two machines never meet. */

/** A lease as it was read. */
export type LeaseState = {
  /** Empty: nobody. */
  readonly holder: string;
  readonly durationSeconds: number;
  /** How often the holder has changed. */
  readonly transitions: number;
  /** Changes with every write. */
  readonly version: string;
};

/** A lease, undefined for none, and when it was first seen with this content: milliseconds of the local clock. */
export type Seen = { readonly lease: LeaseState | undefined; readonly at: number };

export type Decision =
  | { readonly do: 'take' }
  | { readonly do: 'renew' }
  | { readonly do: 'wait'; readonly holder: string; readonly ms: number };

/** The same content seen again is as old as it was; any change proves that its holder lives now. */
export const see = (before: Seen | undefined, lease: LeaseState | undefined, now: number): Seen =>
  before?.lease !== undefined && before.lease.version === lease?.version ? before : { lease, at: now };

/**
 * What `me` may do. A lease of somebody else is free only when it has not changed for its whole duration while we
 * looked: what it says about times was written by another clock and is never believed.
 */
export const decide = (me: string, { lease, at }: Seen, now: number): Decision => {
  if (lease === undefined || lease.holder === '') return { do: 'take' };
  if (lease.holder === me) return { do: 'renew' };
  const ms = at + lease.durationSeconds * 1000 - now;
  return ms > 0 ? { do: 'wait', holder: lease.holder, ms } : { do: 'take' };
};
