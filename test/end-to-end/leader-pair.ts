/** Two controllers of which one leads, and how long a change takes to be served meanwhile. */
import { ingress } from './manifests.ts';
import type { Controller, World } from './world.ts';

/** In seconds. */
export type Terms = { readonly lease: number; readonly renew: number; readonly retry: number };

/** Flags with which controllers elect one; with the terms of production unless told otherwise. */
export const electionFlags = (terms?: Terms): readonly string[] => [
  ...['--enable-leader-election', '--leader-election-namespace', 'web'],
  ...(terms === undefined
    ? []
    : [
        ...['--leader-election-lease-duration', `${terms.lease}s`],
        ...['--leader-election-renew-deadline', `${terms.renew}s`],
        ...['--leader-election-retry-period', `${terms.retry}s`],
      ]),
];

export const said = (controller: Controller, message: string): boolean =>
  controller.log.some((line) => line.message === message);

export const leads = (world: World, controller: Controller): Promise<true> =>
  world.until('it leads', () => said(controller, 'leading') && said(controller, 'started'));

/** Two controllers, the first of which leads, and the second of which waits. */
export const pair = async (
  world: World,
  flags: readonly string[],
): Promise<readonly [Controller, Controller]> => {
  const first = world.startController(flags);
  await leads(world, first);
  const second = world.startController([...flags, '--log-level', 'debug']);
  await world.until('the second waits', () => said(second, 'standing by'));
  return [first, second];
};

/** Makes an Ingress of this name in front of Service `shop`; resolves with the seconds until it is served. */
export const serve = async (world: World, name: string): Promise<number> => {
  const began = performance.now();
  await world.kubectl(
    ['apply', '-f', '-'],
    ingress({ namespace: 'web', name, annotations: { 'group.name': 'all' }, paths: [['/', 'shop']] }),
  );
  await world.served(`http://${name}.example.com/`);
  return (performance.now() - began) / 1000;
};
