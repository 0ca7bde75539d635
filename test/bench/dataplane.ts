/**
 * How much a request through the data plane costs, with 1 rule and with 100. Run by hand or `npm run bench:dataplane`:
 *   node test/bench/dataplane.ts [seconds]
 * Backend and clients run in a process of their own, so that the CPU time printed is the data plane's alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, request as requestHttp } from 'node:http';
import { fixed, forwardTo, newWorld, untilHealth, whereIs } from '../contract/dataplane-world.ts';

const CONNECTIONS = 50;
const SECONDS = Number(process.argv[2] ?? 4);

type Job = { readonly host: string; readonly port: number; readonly seconds: number; readonly name: string };

/** The other process: answers, and asks as fast as it can when told. */
const loadProcess = (): void => {
  const server = createServer((_request, response) => response.end('ok'));
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.({ backend: typeof address === 'object' && address !== null ? address.port : 0 });
  });
  process.on('disconnect', () => process.exit());
  process.on('message', (job: Job) => {
    ask(job).then((done) => process.send?.(done));
  });
};

const ask = async (job: Job): Promise<{ requests: number; errors: number }> => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const end = Date.now() + job.seconds * 1000;
  let requests = 0;
  let errors = 0;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const sent = requestHttp(
        { host: job.host, port: job.port, agent, headers: { Host: job.name } },
        (response) => {
          requests++;
          if (response.statusCode !== 200) errors++;
          response.resume();
          response.on('end', resolve);
        },
      );
      sent.on('error', () => {
        errors++;
        resolve();
      });
      sent.end();
    });
  const client = async (): Promise<void> => {
    while (Date.now() < end) await one();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  agent.destroy();
  return { requests, errors };
};

const main = async (): Promise<void> => {
  const load = fork(import.meta.filename, ['load']);
  const [{ backend }] = (await once(load, 'message')) as [{ backend: number }];
  const world = newWorld(1);
  const group = world.group([backend]);
  const run = async (rules: number, seconds: number) => {
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('none', '404')], { Port: 8080 });
    for (let index = 1; index <= rules; index++) {
      world.rule(
        listener,
        index,
        [
          { Field: 'host-header', HostHeaderConfig: { Values: [`h${index}.example.com`] } },
          { Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } },
        ],
        forwardTo(group),
      );
    }
    await world.changed();
    await untilHealth(group, 'healthy');
    const job: Job = { ...whereIs(world, loadBalancer), seconds, name: `h${rules}.example.com` };
    const before = process.cpuUsage();
    const start = performance.now();
    load.send(job);
    const [{ requests, errors }] = (await once(load, 'message')) as [{ requests: number; errors: number }];
    const cpu = process.cpuUsage(before);
    const elapsed = (performance.now() - start) / 1000;
    return { rate: requests / elapsed, cpu: (cpu.user + cpu.system) / 1000 / requests, errors };
  };
  await run(1, 1);
  const results: { rules: number; rate: number; cpu: number; errors: number }[] = [];
  for (const rules of [1, 100, 1, 100]) results.push({ rules, ...(await run(rules, SECONDS)) });
  for (const { rules, rate, cpu, errors } of results) {
    console.log(
      `${String(rules).padStart(3)} rules: ${rate.toFixed(0)} req/s, ${cpu.toFixed(3)} ms CPU per request, ${errors} errors`,
    );
  }
  const best = (rules: number): number =>
    Math.min(...results.filter((each) => each.rules === rules).map((each) => each.cpu));
  console.log(`100 rules cost ${(best(100) / best(1)).toFixed(2)} times the CPU of 1 rule`);
  load.disconnect();
  await world.stop();
};

if (process.argv[2] === 'load') loadProcess();
else await main();
