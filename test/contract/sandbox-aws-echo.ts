/** The sandbox's AWS wire without what is behind it: a service whose every operation does what the test says. */
import { emptyAccount } from '../../src/sandbox/aws/account.ts';
import { makeClock } from '../../src/sandbox/aws/clock.ts';
import { makeLinks } from '../../src/sandbox/aws/elbv2/links.ts';
import { FACTS } from '../../src/sandbox/aws/facts.ts';
import { SERVICES } from '../../src/sandbox/aws/services.ts';
import { type Endpoint, listen } from '../../src/sandbox/aws/wire/endpoint.ts';
import type { Service } from '../../src/sandbox/aws/wire/operation.ts';

const account = emptyAccount({
  id: '123456789012',
  region: 'us-west-1',
  facts: { ...FACTS },
  clock: makeClock(1),
});

/** Every service with all its operations. */
export const services: readonly Service[] = await Promise.all(
  SERVICES.map((door) => Promise.resolve(door.open({ account, links: makeLinks(account) }))),
);

/** Serves one of them; `perform` gets the decoded input and gives what is to be encoded. */
export const serving = (service: Service, perform: (input: unknown) => Promise<unknown>): Promise<Endpoint> =>
  listen({
    port: 0,
    region: 'us-west-1',
    knowsRegion: () => true,
    services: [service],
    open: () => service,
    perform: (call) => perform(call.input),
  });

/** Values in a form that can be compared: no absent members, no response metadata, bytes and dates as text. */
export const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => item !== undefined && key !== '$metadata')
      .map(([key, item]) => [key, plain(item)])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
};
