/**
 * What the embedded AWS API costs: start-up, small calls, and memory with a large account. By hand or `npm run bench:aws`:
 *   node test/bench/aws.ts [seconds]
 * The clients run in a process of their own, so that the memory and CPU time printed are the API's alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAws } from '../../src/sandbox/aws/server.ts';
import { keepMemorySmall } from '../../src/sandbox/small-memory.ts';

const CONNECTIONS = 50;
const SECONDS = Number(process.argv[2] ?? 4);
const BALANCERS = 1000;
const TARGETS = 100_000;
const RECORDS = 100_000;

type Job = {
  readonly kind: 'ask';
  readonly port: number;
  readonly seconds: number;
  readonly service: string;
  readonly body: string;
};
type Fill = { readonly kind: 'fill'; readonly port: number };
type Done = { readonly requests: number; readonly errors: number };

const JOBS: readonly (readonly [title: string, service: string, body: string])[] = [
  [
    'DescribeAccountLimits',
    'elasticloadbalancing',
    'Action=DescribeAccountLimits&Version=2015-12-01&PageSize=1',
  ],
  ['DescribeLoadBalancers (none)', 'elasticloadbalancing', 'Action=DescribeLoadBalancers&Version=2015-12-01'],
  ['DescribeVpcs', 'ec2', 'Action=DescribeVpcs&Version=2016-11-15'],
  ['GetCallerIdentity', 'sts', 'Action=GetCallerIdentity&Version=2011-06-15'],
];

/** The other process: asks as fast as it can when told. */
const clientProcess = (): void => {
  process.on('disconnect', () => process.exit());
  process.on('message', (job: Job | Fill) => {
    void (job.kind === 'ask' ? ask(job) : fill(job.port)).then((done) => process.send?.(done));
  });
};

const ask = async ({ port, seconds, service, body }: Job): Promise<Done> => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const end = Date.now() + seconds * 1000;
  const headers = {
    authorization: `AWS4-HMAC-SHA256 Credential=AK/20260101/us-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
  };
  let requests = 0;
  let errors = 0;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const sent = request(
        { host: '127.0.0.1', port, agent, method: 'POST', path: '/', headers },
        (response) => {
          requests += 1;
          if (response.statusCode !== 200) errors += 1;
          response.resume();
          response.on('end', resolve);
        },
      );
      sent.on('error', () => {
        errors += 1;
        resolve();
      });
      sent.end(body);
    });
  const client = async (): Promise<void> => {
    while (Date.now() < end) await one();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  agent.destroy();
  return { requests, errors };
};

const megabytes = (): number => Math.round(process.memoryUsage().rss / 2 ** 20);

/** Memory after the collector has had time to give back what it holds in reserve. */
const atRest = async (): Promise<number> => {
  for (let times = 0; times < 4; times += 1) {
    globalThis.gc?.();
    await sleep(500);
  }
  return megabytes();
};

/** One request at a time, through the API itself, so that everything is checked and stored as a client's would be. */
const caller = (port: number) => {
  const agent = new Agent({ keepAlive: true });
  const send = (service: string, path: string, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          agent,
          method: 'POST',
          path,
          headers: {
            authorization: `AWS4-HMAC-SHA256 Credential=AK/20260101/us-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            if (response.statusCode === 200) resolve(text);
            else reject(new Error(text));
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  return { send, close: () => agent.destroy() };
};

const fill = async (port: number): Promise<Done> => {
  const { send, close } = caller(port);
  const elb = (form: Record<string, string>): Promise<string> =>
    send('elasticloadbalancing', '/', new URLSearchParams(form).toString());
  for (let i = 0; i < BALANCERS; i += 1) {
    await elb({
      Action: 'CreateLoadBalancer',
      Name: `web-${i}`,
      'Subnets.member.1': 'subnet-1234',
      'Subnets.member.2': 'subnet-5678',
    });
    const made = await elb({
      Action: 'CreateTargetGroup',
      Name: `tg-${i}`,
      Protocol: 'HTTP',
      Port: '80',
      VpcId: 'vpc-1',
      TargetType: 'ip',
    });
    const TargetGroupArn = /<TargetGroupArn>(.*?)<\/TargetGroupArn>/.exec(made)?.[1] ?? '';
    const targets = Array.from({ length: TARGETS / BALANCERS }, (_, t) => [
      [`Targets.member.${t + 1}.Id`, `127.64.${i % 250}.${t + 1}`],
      [`Targets.member.${t + 1}.Port`, String(1000 + Math.floor(i / 250))],
    ]).flat();
    await elb({ Action: 'RegisterTargets', TargetGroupArn, ...Object.fromEntries(targets) });
  }
  const perBatch = 500;
  for (let start = 0; start < RECORDS; start += perBatch) {
    const changes = Array.from(
      { length: perBatch },
      (_, i) =>
        `<Change><Action>CREATE</Action><ResourceRecordSet><Name>r${start + i}.example.com</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>`,
    );
    await send(
      'route53',
      '/2013-04-01/hostedzone/ZEX/rrset',
      `<ChangeResourceRecordSetsRequest><ChangeBatch><Changes>${changes.join('')}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`,
    );
  }
  close();
  return { requests: 3 * BALANCERS + RECORDS / perBatch, errors: 0 };
};

const main = async (): Promise<void> => {
  keepMemorySmall();
  console.log(`start-up: ${Math.round(performance.now())} ms to the first line, code and schemas included`);
  const before = performance.now();
  const aws = await startAws({
    facts: { loadBalancersPerRegion: BALANCERS, recordsPerZone: RECORDS + 2 },
  });
  console.log(`listening after ${Math.round(performance.now() - before)} ms more; ${megabytes()} MB`);
  const clients = fork(import.meta.filename, ['client']);
  for (const [title, service, body] of JOBS) {
    const cpu = process.cpuUsage();
    clients.send({ kind: 'ask', port: aws.port, seconds: SECONDS, service, body } satisfies Job);
    const [done] = (await once(clients, 'message')) as [Done];
    const used = process.cpuUsage(cpu);
    const each = (used.user + used.system) / done.requests / 1000;
    console.log(
      `${title}: ${Math.round(done.requests / SECONDS)} requests/s, ${each.toFixed(3)} ms CPU each, ${done.errors} errors`,
    );
  }
  const from = performance.now();
  clients.send({ kind: 'fill', port: aws.port } satisfies Fill);
  await once(clients, 'message');
  console.log(
    `${BALANCERS} load balancers, ${TARGETS} targets, ${RECORDS} records in ${((performance.now() - from) / 1000).toFixed(1)} s: ${megabytes()} MB`,
  );
  console.log(`at rest: ${await atRest()} MB`);
  clients.disconnect();
  await aws.stop();
};

if (process.argv[2] === 'client') clientProcess();
else await main();
