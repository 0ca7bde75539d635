/**
 * How long nobody leads: `npm run bench:leader`. With the terms of production (15 s, 10 s, 2 s) and with short ones, a
 * change is made right after the leader was killed (-9), or told to end, and the seconds until it is served are printed
 * beside those that a change takes otherwise. Ends with an error where a lease and two seconds more were not enough.
 */
import { INGRESS_CLASS, ingress, textServer } from '../end-to-end/manifests.ts';
import { type Controller, startWorld, type World } from '../end-to-end/world.ts';

const ROUNDS = 3;
/** Seconds beyond the lease. */
const TOLERANCE = 2;

type Terms = { readonly lease: number; readonly renew: number; readonly retry: number };

const flagsOf = ({ lease, renew, retry }: Terms): readonly string[] => [
  '--enable-leader-election',
  ...['--leader-election-namespace', 'web'],
  ...['--leader-election-lease-duration', `${lease}s`],
  ...['--leader-election-renew-deadline', `${renew}s`],
  ...['--leader-election-retry-period', `${retry}s`],
];

let count = 0;

/** Makes an Ingress; resolves with the seconds until it is served. */
const serve = async (world: World): Promise<number> => {
  const name = `i${++count}`;
  const began = performance.now();
  await world.kubectl(
    ['apply', '-f', '-'],
    ingress({ namespace: 'web', name, annotations: { 'group.name': 'all' }, paths: [['/', 'shop']] }),
  );
  await world.until(
    `${name} is served`,
    async () => (await world.get(`http://${name}.example.com/`).catch(() => undefined))?.status === 200,
  );
  return (performance.now() - began) / 1000;
};

const said = (controller: Controller, message: string): boolean =>
  controller.log.some((line) => line.message === message);

/** Seconds a change takes with a leader, and right after it has gone. */
const round = async (world: World, terms: Terms, end: 'kill' | 'stop') => {
  const first = world.startController(flagsOf(terms));
  await world.until('it leads', () => said(first, 'leading') && said(first, 'started'));
  const second = world.startController([...flagsOf(terms), '--log-level', 'debug']);
  await world.until('the second waits', () => said(second, 'standing by'));
  const usual = await serve(world);
  await first[end]();
  const after = await serve(world);
  await second.stop();
  return { usual, after };
};

const world = await startWorld();
try {
  await world.kubectl(['create', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
  for (const terms of [
    { lease: 15, renew: 10, retry: 2 },
    { lease: 4, renew: 3, retry: 1 },
  ])
    for (const end of ['kill', 'stop'] as const)
      for (let n = 0; n < ROUNDS; n++) {
        const { usual, after } = await round(world, terms, end);
        const line = `lease ${terms.lease} s, ${end === 'kill' ? 'kill -9' : 'SIGTERM'}: served after ${after.toFixed(1)} s, usually ${usual.toFixed(1)} s`;
        process.stdout.write(`${line}\n`);
        const most = (end === 'kill' ? terms.lease : 0) + TOLERANCE + usual;
        if (after > most) throw new Error(`${line}: more than ${most.toFixed(1)} s`);
      }
} finally {
  await world.stop();
}
