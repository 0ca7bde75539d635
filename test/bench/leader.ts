/**
 * How long nobody leads: `npm run bench:leader`. With the terms of production (15 s, 10 s, 2 s) and with short ones, a
 * change is made right after the leader was killed (-9), or told to end, and the seconds until it is served are printed
 * beside those that a change takes otherwise. Ends with an error where a lease and two seconds more were not enough.
 */
import { electionFlags, pair, serve, type Terms } from '../end-to-end/leader-pair.ts';
import { INGRESS_CLASS, textServer } from '../end-to-end/manifests.ts';
import { startWorld, type World } from '../end-to-end/world.ts';

const ROUNDS = 3;
/** Seconds beyond the lease. */
const TOLERANCE = 2;

let count = 0;

/** Seconds a change takes with a leader, and right after it has gone. */
const round = async (world: World, terms: Terms, end: 'kill' | 'stop') => {
  const [first, second] = await pair(world, electionFlags(terms));
  const usual = await serve(world, `i${++count}`);
  await first[end]();
  const after = await serve(world, `i${++count}`);
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
