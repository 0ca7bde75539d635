/**
 * The probes against moto's server, another emulator of AWS, where Python has it. Run by hand it asks all of them and
 * writes what it learnt into the reference page: `npm run compare:moto`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { MOTO_RESULTS_FILE } from './sandbox-aws-moto-results.ts';
import { PROBES } from './sandbox-aws-probes.ts';
import {
  type ClientSettings,
  clientFor,
  type Probe,
  probed,
  type World,
  worldOn,
} from './sandbox-aws-world.ts';

/** What a probe showed: as AWS, not as AWS, or not possible to ask because it needs a lever of the sandbox. */
export type Verdict = 'right' | 'wrong' | 'not asked';

export type Moto = { readonly version: string; ask(probe: Probe): Promise<Verdict>; stop(): void };

/** Starts moto's server; undefined where it is not installed. */
export const startMoto = async (): Promise<Moto | undefined> => {
  const version = motoVersion();
  if (version === undefined) return undefined;
  const port = await freePort();
  const server = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, server);
  return {
    version,
    ask: async (probe) => {
      if (probe[4] !== undefined) return 'not asked';
      let needed = false;
      const world = await motoWorld(url, () => {
        needed = true;
        throw new Error('this probe needs a lever of the sandbox');
      });
      const [row, expected, attempt] = probe;
      try {
        /** Its texts may differ: the code is what counts. */
        await probed([row, expected, attempt], world);
        return needed ? 'not asked' : 'right';
      } catch {
        return needed ? 'not asked' : 'wrong';
      } finally {
        await world[Symbol.asyncDispose]();
      }
    },
    stop: () => void server.kill(),
  };
};

const motoVersion = (): string | undefined => {
  try {
    const script = 'import moto, moto.server; print(moto.__version__)';
    return execFileSync('python3', ['-c', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 60_000,
      encoding: 'utf8',
    }).trim();
  } catch {
    return undefined;
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const untilReady = async (url: string, server: ChildProcess): Promise<void> => {
  for (let tries = 0; tries < 300; tries += 1) {
    if (server.exitCode !== null) throw new Error(`moto's server ended with code ${server.exitCode}`);
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  server.kill();
  throw new Error("moto's server does not answer");
};

/** An empty moto with what the sandbox's fixtures have; ids in inputs are replaced by those moto gave. */
const motoWorld = async (url: string, sandbox: () => never): Promise<World> => {
  await fetch(`${url}/moto-api/reset`, { method: 'POST' });
  const settings = clientFor({ url, region: 'us-west-1' });
  const ids = await makeFixtures(settings);
  const replace = (value: unknown): unknown => {
    if (typeof value === 'string') return ids.get(value) ?? value;
    if (value instanceof Date || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item)]));
  };
  return worldOn(
    settings,
    sandbox,
    async () => undefined,
    (client) =>
      client.middlewareStack.add(
        ((next: (args: object) => unknown) => (args: { input: unknown }) =>
          next({ ...args, input: replace(args.input) })) as never,
        { step: 'initialize', name: 'fixtureIds' } as never,
      ),
  );
};

const makeFixtures = async (settings: ClientSettings): Promise<ReadonlyMap<string, string>> => {
  const [ec2, r53] = [new EC2Client(settings), new Route53Client(settings)];
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '127.64.0.0/16' }))).Vpc?.VpcId ?? '';
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const InternetGatewayId = InternetGateway?.InternetGatewayId ?? '';
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  const subnet = async (zone: string, block: number) =>
    (
      await ec2.send(
        new CreateSubnetCommand({
          VpcId,
          AvailabilityZone: `us-west-1${zone}`,
          CidrBlock: `127.64.${block}.0/24`,
        }),
      )
    ).Subnet?.SubnetId ?? '';
  const [a, b, c] = [await subnet('a', 0), await subnet('b', 1), await subnet('a', 2)];
  const group = new CreateSecurityGroupCommand({ GroupName: 'webSG', Description: 'webSG', VpcId });
  const { GroupId = '' } = await ec2.send(group);
  const launch = new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, SubnetId: a });
  const instance = (await ec2.send(launch)).Instances?.[0]?.InstanceId ?? '';
  const zone = async (Name: string) =>
    (await r53.send(new CreateHostedZoneCommand({ Name, CallerReference: Name }))).HostedZone?.Id?.replace(
      '/hostedzone/',
      '',
    ) ?? '';
  const zones = [await zone('example.com'), await zone('dev.example.com')];
  for (const client of [ec2, r53]) client.destroy();
  return new Map([
    ['vpc-1', VpcId],
    ['subnet-1234', a],
    ['subnet-5678', b],
    ['subnet-9999', c],
    ['sg-1234', GroupId],
    ['i-0aaa', instance],
    ['ZEX', zones[0] ?? ''],
    ['ZDEV', zones[1] ?? ''],
  ]);
};

const compareAll = async (): Promise<void> => {
  const moto = await startMoto();
  if (moto === undefined) {
    console.log('skipped: python3 has no moto with its server');
    return;
  }
  const results: Record<string, Record<string, Verdict>> = {};
  try {
    for (const [area, probes] of Object.entries(PROBES)) {
      const verdicts: Record<string, Verdict> = {};
      for (const probe of probes) verdicts[probe[0]] = await moto.ask(probe);
      results[area] = verdicts;
      const right = Object.values(verdicts).filter((verdict) => verdict === 'right').length;
      console.log(`${area}: moto right in ${right} of ${probes.length}`);
    }
  } finally {
    moto.stop();
  }
  writeFileSync(MOTO_RESULTS_FILE, `${JSON.stringify({ version: moto.version, results }, undefined, 2)}\n`);
};

if (process.argv[1] === import.meta.filename) await compareAll();
