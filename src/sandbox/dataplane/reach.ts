import { isIP } from 'node:net';
import type { Bound } from './bind.ts';
import { isLoopback } from './loopback.ts';

export type NameAnswer =
  | { readonly status: 'address'; readonly address: string }
  | { readonly status: 'nxdomain' | 'nodata' }
  /** The name has a record that the sandbox cannot evaluate. */
  | { readonly status: 'failed'; readonly why: string };

/** What finding a way to a name takes. */
export type NameSource = {
  resolve(name: string): NameAnswer;
  endpoint(address: string, port: number): Bound;
};

/** Where a name and port lead on this machine; a text when they lead nowhere, or out of it. */
export const reach = (source: NameSource, name: string, port: number): Bound | string => {
  const answer: NameAnswer = isIP(name) > 0 ? { status: 'address', address: name } : source.resolve(name);
  switch (answer.status) {
    case 'nxdomain':
      return `name does not exist in the sandbox's Route 53: ${name}`;
    case 'nodata':
      return `name has no A record in the sandbox's Route 53: ${name}`;
    case 'failed':
      return `name cannot be resolved by the sandbox's Route 53: ${name}: ${answer.why}`;
    case 'address': {
      const bound = source.endpoint(answer.address, port);
      return isLoopback(bound.host) ? bound : `address is outside the sandbox: ${name} is ${answer.address}`;
    }
  }
};
