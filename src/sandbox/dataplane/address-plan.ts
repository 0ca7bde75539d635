import { createHash } from 'node:crypto';

/** Gives every load balancer a loopback address of its own. */
export type AddressPlan = {
  /** The address of a load balancer: the same on every call, and on every start unless two ARNs collide. */
  addressOf(arn: string): string;
  /** The load balancer an address was given to. */
  arnAt(address: string): string | undefined;
  /** Frees the addresses of all others. */
  keepOnly(arns: ReadonlySet<string>): void;
};

/**
 * Addresses are `network`.x.y by a hash of the ARN; when one is taken, the next free one. On Linux the whole of 127/8 is
 * loopback without any set-up.
 */
export const addressPlan = (network: string): AddressPlan => {
  const byArn = new Map<string, number>();
  const taken = new Map<number, string>();
  const written = (slot: number): string => `${network}.${Math.floor(slot / 254)}.${(slot % 254) + 1}`;
  return {
    addressOf: (arn) => {
      const known = byArn.get(arn);
      if (known !== undefined) return written(known);
      if (taken.size >= ROOM)
        throw new Error(`no loopback address is left for load balancer ${arn}: ${ROOM} are in use`);
      let slot = createHash('sha256').update(arn).digest().readUInt32BE(0) % ROOM;
      while (taken.has(slot)) slot = (slot + 1) % ROOM;
      taken.set(slot, arn);
      byArn.set(arn, slot);
      return written(slot);
    },
    arnAt: (address) => {
      const [, , third = 0, last = 0] = address.split('.').map(Number);
      return address.startsWith(`${network}.`) ? taken.get(third * 254 + last - 1) : undefined;
    },
    keepOnly: (arns) => {
      for (const [arn, slot] of byArn) {
        if (arns.has(arn)) continue;
        byArn.delete(arn);
        taken.delete(slot);
      }
    },
  };
};

/** x.y from 0.1 up to 253.254: last bytes 0 and 255 are left out, as people take them for networks. */
const ROOM = 254 * 254;
