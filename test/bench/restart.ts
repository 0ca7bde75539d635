/**
 * What a restart costs with 200 Ingresses in 100 stacks: `npm run bench:restart`. Prints, without a rate budget and
 * with the one for real AWS, the reads of AWS by operation, the seconds until changes that a user makes meanwhile are
 * served, and the seconds until every stack has been looked at. Ends with an error when a restart writes anything else.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { INGRESS_CLASS, ingress, textServer } from '../end-to-end/manifests.ts';
import { startWorld, type World } from '../end-to-end/world.ts';

const STACKS = 100;
const PER_STACK = 2;

const nameOf = (stack: number, member: number): string => `i${stack}-${member}`;
const pathsOf = (...paths: readonly string[]) => paths.map((path): [string, string] => [path, 'web']);

const manifest = (stack: number, member: number, ...paths: readonly string[]): string =>
  ingress({
    namespace: 'web',
    name: nameOf(stack, member),
    annotations: { 'group.name': `g${stack}` },
    paths: pathsOf('/', ...paths),
  });

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

type Stats = {
  readonly started: boolean;
  readonly busy: number;
  readonly passes: number;
  readonly waiting: Readonly<Record<string, number>>;
};

const statsAt = async (port: number): Promise<Stats | undefined> => {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
  return answer && ((await answer.json()) as Stats);
};

/** Resolves when no stack waits for a worker and each has had a pass. */
const untilIdle = async (port: number, minutes: number): Promise<void> => {
  for (const end = Date.now() + minutes * 60_000; Date.now() < end; await sleep(100)) {
    const stats = await statsAt(port);
    const waiting = Object.values(stats?.waiting ?? { all: 1 }).reduce((sum, it) => sum + it, 0);
    if (stats?.started && stats.busy + waiting === 0 && stats.passes >= STACKS) return;
  }
  throw new Error(`not idle within ${minutes} minutes`);
};

const countByName = (names: readonly string[]): string =>
  [...Map.groupBy(names, (name) => name)]
    .map(([name, all]) => `${String(all.length).padStart(6)}  ${name}`)
    .sort()
    .reverse()
    .join('\n');

const untilServed = async (world: World, url: string): Promise<void> => {
  for (;;) {
    const answer = await world.get(url).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(50);
  }
};

const measure = async (world: World, budget: 'off' | 'aws', round: number): Promise<boolean> => {
  const port = await freePort();
  const since = world.box.aws.journal.length;
  const began = performance.now();
  const seconds = (): string => ((performance.now() - began) / 1000).toFixed(1);
  const controller = world.startController(['--healthz-port', `${port}`, '--aws-rate-budget', budget]);
  while (!controller.log.some((line) => line.message === 'started')) await sleep(20);
  const started = seconds();
  const change = async (stack: number): Promise<string> => {
    const asked = seconds();
    await world.kubectl(['apply', '-f', '-'], manifest(stack, 0, `/round-${round}`));
    await untilServed(world, `http://${nameOf(stack, 0)}.example.com/round-${round}`);
    return `a change made at ${asked} s is served at ${seconds()} s`;
  };
  const first = await change(STACKS - 1);
  // By now the burst that AWS allows is used up, and most stacks still wait for their look.
  await sleep(budget === 'aws' ? 15_000 : 500);
  const second = await change(STACKS - 2);
  await untilIdle(port, 15);
  const idle = seconds();
  const { reads, writes } = world.calls(since);
  await controller.stop();
  console.log(`\nbudget ${budget}: started after ${started} s; ${first};`);
  console.log(
    `${second}; all ${STACKS} stacks looked at after ${idle} s; ${writes.length} writes: ${writes.join(', ')}`,
  );
  console.log(`${reads.length} reads:\n${countByName(reads)}`);
  // The two changes, and in the second round the paths of the first one go.
  return writes.length <= 2 * round;
};

const main = async (): Promise<void> => {
  const world = await startWorld({ loadBalancersPerRegion: 2 * STACKS });
  try {
    const all = Array.from({ length: STACKS }, (_, stack) =>
      Array.from({ length: PER_STACK }, (__, member) => manifest(stack, member)),
    );
    await world.kubectl(['apply', '-f', '-'], INGRESS_CLASS + textServer('web', 'web', 'hello'));
    await world.kubectl(['apply', '-f', '-'], all.flat().join(''));
    const port = await freePort();
    const since = world.box.aws.journal.length;
    const began = performance.now();
    const maker = world.startController(['--healthz-port', `${port}`]);
    await untilIdle(port, 10);
    await world.quiet();
    await maker.stop();
    const { reads, writes } = world.calls(since);
    const took = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`made in ${took} s with ${writes.length} writes and ${reads.length} reads`);
    const lean = [await measure(world, 'off', 1), await measure(world, 'aws', 2)];
    if (lean.includes(false)) process.exitCode = 1;
  } finally {
    await world.stop();
  }
};

await main();
