/**
 * What a request through the data plane costs with 1 rule and with 100: `npm run bench:dataplane -- [seconds] [rounds]`.
 *
 * Backend and clients run in a process of their own, so that the CPU time printed is the data plane's alone. Rounds
 * take every case in turn, and ratios are made within a round: what else the machine does at the time weighs on all.
 * Ends with an error when 100 rules serve fewer than 8,000 requests a second or cost more than 1.3 times the CPU of one.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, request as requestHttp } from 'node:http';
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { fixed, forwardTo, newWorld, untilHealth, type World, whereIs } from '../contract/dataplane-world.ts';

const CONNECTIONS = 50;
const WANTED_RATE = 8000;
const WANTED_RATIO = 1.3;

type Job = {
  readonly host: string;
  readonly port: number;
  readonly seconds: number;
  readonly name: string;
  readonly path: string;
};
/** `served` are the requests that reached the backend: what a load balancer answers by itself does not count. */
type Done = { readonly requests: number; readonly served: number; readonly errors: number };

/** The other process: answers, and asks as fast as it can when told. */
const loadProcess = (): void => {
  let served = 0;
  const server = createServer((request, response) => {
    if (request.headers['user-agent']?.startsWith('ELB-HealthChecker') !== true) served++;
    response.end('ok');
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.({ backend: typeof address === 'object' && address !== null ? address.port : 0 });
  });
  process.on('disconnect', () => process.exit());
  process.on('message', (job: Job) => {
    served = 0;
    ask(job).then((asked) => process.send?.({ ...asked, served }));
  });
};

const ask = async (job: Job): Promise<Omit<Done, 'served'>> => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const end = performance.now() + job.seconds * 1000;
  const options = { host: job.host, port: job.port, path: job.path, agent, headers: { Host: job.name } };
  let requests = 0;
  let errors = 0;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const sent = requestHttp(options, (response) => {
        requests++;
        if (response.statusCode !== 200) errors++;
        response.resume();
        response.on('end', resolve);
      });
      sent.on('error', () => {
        errors++;
        resolve();
      });
      sent.end();
    });
  const client = async (): Promise<void> => {
    while (performance.now() < end) await one();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  agent.destroy();
  return { requests, errors };
};

/** A listener whose rules are asked for, and the request that only its last rule fits. */
type Case = {
  readonly title: string;
  readonly rules: readonly RuleCondition[][];
  readonly name: string;
  readonly path: string;
};

const host = (value: string): RuleCondition => ({
  Field: 'host-header',
  HostHeaderConfig: { Values: [value] },
});
const path = (value: string): RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values: [value] },
});
const hundred = <T>(make: (index: number) => T): T[] =>
  Array.from({ length: 100 }, (_, index) => make(index + 1));

const CASES: readonly Case[] = [
  {
    title: '1 rule',
    rules: [[host('h1.example.com'), path('/*')]],
    name: 'h1.example.com',
    path: '/a/b',
  },
  {
    title: '100 rules, a host each',
    rules: hundred((index) => [host(`h${index}.example.com`), path('/*')]),
    name: 'h100.example.com',
    path: '/a/b',
  },
  {
    title: '100 rules, one host, a path each',
    rules: hundred((index) => [host('h1.example.com'), path(`/service-${index}/*`)]),
    name: 'h1.example.com',
    path: '/service-100/a/b',
  },
];

const main = async (seconds: number, rounds: number): Promise<void> => {
  const load = fork(import.meta.filename, ['load']);
  const [{ backend }] = (await once(load, 'message')) as [{ backend: number }];
  const world = newWorld(1);
  const places = await listeners(world, backend);
  const run = async (each: Case, time: number): Promise<{ rate: number; cpu: number }> => {
    const place = places.get(each.title);
    if (place === undefined) throw new Error(`no listener for '${each.title}'`);
    const before = process.cpuUsage();
    const start = performance.now();
    load.send({ ...place, seconds: time, name: each.name, path: each.path });
    const [{ requests, served, errors }] = (await once(load, 'message')) as [Done];
    const cpu = process.cpuUsage(before);
    const elapsed = (performance.now() - start) / 1000;
    if (errors > 0 || served !== requests)
      throw new Error(`'${each.title}': ${requests} answers, ${errors} errors, ${served} at the backend`);
    return { rate: requests / elapsed, cpu: (cpu.user + cpu.system) / 1000 / requests };
  };
  console.log(
    `${availableParallelism()} cores, ${cpus()[0]?.model}, node ${process.version}, ${machineLoad()}`,
  );
  for (const each of CASES) await run(each, 1);
  const results: Map<string, { rate: number; cpu: number }>[] = [];
  for (let round = 0; round < rounds; round++) {
    const result = new Map<string, { rate: number; cpu: number }>();
    for (const each of CASES) result.set(each.title, await run(each, seconds));
    results.push(result);
  }
  report(results);
  load.disconnect();
  await world.stop();
};

const listeners = async (
  world: World,
  backend: number,
): Promise<Map<string, { host: string; port: number }>> => {
  const group = world.group([backend]);
  const balancers = CASES.map((each, index) => {
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('none', '404')], { Port: 8080 + index });
    for (const [at, conditions] of each.rules.entries())
      world.rule(listener, at + 1, conditions, forwardTo(group));
    return [each.title, loadBalancer] as const;
  });
  await world.changed();
  await untilHealth(group, 'healthy');
  return new Map(balancers.map(([title, loadBalancer]) => [title, whereIs(world, loadBalancer)]));
};

const report = (results: readonly Map<string, { rate: number; cpu: number }>[]): void => {
  const [first] = CASES;
  for (const { title } of CASES) {
    const all = results.flatMap((result) => result.get(title) ?? []);
    const rate = median(all.map((each) => each.rate));
    const cpu = median(all.map((each) => each.cpu));
    const ratio = median(
      results.map((result) => (result.get(title)?.cpu ?? 0) / (result.get(first?.title ?? '')?.cpu ?? 1)),
    );
    const good = title === first?.title || (rate >= WANTED_RATE && ratio <= WANTED_RATIO);
    if (!good) process.exitCode = 1;
    console.log(
      `${title.padEnd(34)} ${rate.toFixed(0).padStart(6)} req/s  ${(cpu * 1000).toFixed(1)} µs CPU per request  ${ratio.toFixed(2)} × 1 rule${good ? '' : '  TOO DEAR'}`,
    );
  }
  console.log(`wanted: ≥ ${WANTED_RATE} req/s and ≤ ${WANTED_RATIO} × with 100 rules; ${machineLoad()}`);
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** What else runs weighs on the rates: more than the cores can do at once makes them meaningless. */
const machineLoad = (): string =>
  `load ${loadavg()
    .map((each) => each.toFixed(1))
    .join(' ')}`;

if (process.argv[2] === 'load') loadProcess();
else await main(Number(process.argv[2] ?? 2), Number(process.argv[3] ?? 3));
