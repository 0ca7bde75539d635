/** The AWS half of the sandbox: the API with its account on disk, load balancers that route, proxy and DNS. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Facts } from './aws/facts.ts';
import { fixturesAt } from './aws/fixtures.ts';
import type { SandboxAws } from './aws/sandbox-aws.ts';
import { startAws } from './aws/server.ts';
import type { ThrottlingProfile } from './aws/throttling.ts';
import { startDataPlane } from './dataplane/data-plane.ts';
import { startForwardProxy } from './dataplane/forward-proxy.ts';
import { startDns } from './dns/dns-server.ts';
import { takeNetwork } from './network.ts';

export type CloudOptions = {
  /** The account is kept here and found again. */
  readonly dir: string;
  readonly region: string;
  /** AWS seconds that pass in one second. */
  readonly speed: number;
  /** Numbers and doubtful facts of AWS other than usual, its quotas among them. */
  readonly facts?: Partial<Facts>;
  /** `off` unless given. */
  readonly throttling?: Exclude<ThrottlingProfile, 'custom'>;
  readonly log: (line: string) => void;
};

/** What serves an account's load balancers and records. */
type Served = {
  readonly proxyUrl: string;
  readonly dnsPort: number;
  /** Whether a name leads to an address. */
  resolves(name: string): boolean;
  stop(): Promise<void>;
};

export type Cloud = Served & { readonly aws: SandboxAws };

/** Starts AWS alone. Rejects when a port or the folder cannot be used. */
export const startCloud = async (options: CloudOptions): Promise<Cloud> => {
  mkdirSync(options.dir, { recursive: true });
  const network = await takeNetwork(options.dir);
  const aws = await openAws(options, network.prefix);
  const served = await serveAws(aws, options, network.loadBalancers);
  return {
    ...served,
    aws,
    stop: async () => {
      await served.stop();
      network.release();
    },
  };
};

/** The API, as it was when the folder was last used. `prefix` is the first half of the addresses of instances. */
export const openAws = async (options: CloudOptions, prefix: string): Promise<SandboxAws> => {
  const aws = await startAws({
    region: options.region,
    speed: options.speed,
    facts: options.facts ?? {},
    throttling: options.throttling ?? 'off',
    fixtures: fixturesAt(prefix),
  });
  const saved = fileIn(options.dir);
  if (existsSync(saved)) aws.restore(JSON.parse(readFileSync(saved, 'utf8')));
  return aws;
};

/**
 * Lets the account's load balancers listen and its records be found, and keeps it on disk; `stop` ends the API too.
 * `network` is the first half of the addresses of load balancers.
 */
export const serveAws = async (
  aws: SandboxAws,
  { dir, log }: Pick<CloudOptions, 'dir' | 'log'>,
  network: string,
): Promise<Served> => {
  const save = savingTo(fileIn(dir), aws);
  const dataPlane = startDataPlane({
    state: aws.state,
    onChange: aws.onChange,
    clock: aws.clock,
    network,
    log,
  });
  const proxy = await startForwardProxy(dataPlane);
  const dns = await startDns({ lookup: dataPlane.lookup, log });
  return {
    proxyUrl: proxy.url,
    dnsPort: dns.udpPort,
    resolves: (name) => dataPlane.resolve(name).status === 'address',
    stop: async () => {
      save.now();
      await Promise.all([proxy.stop(), dns.stop()]);
      await dataPlane.stop();
      await aws.stop();
    },
  };
};

/** What any AWS client needs to be pointed at an API. */
export const environmentOf = (aws: SandboxAws): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: aws.url,
  AWS_REGION: aws.region,
  AWS_DEFAULT_REGION: aws.region,
  AWS_ACCESS_KEY_ID: 'sandbox',
  AWS_SECRET_ACCESS_KEY: 'sandbox',
});

const fileIn = (dir: string): string => join(dir, 'aws.json');

/** Milliseconds after a change until the account is written to disk. */
const SAVE_DELAY = 500;

/** Writes the account beside its old copy and swaps them, so that a kill leaves one or the other. */
const savingTo = (file: string, aws: SandboxAws): { readonly now: () => void } => {
  let timer: NodeJS.Timeout | undefined;
  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    writeFileSync(`${file}.new`, JSON.stringify(aws.snapshot()));
    renameSync(`${file}.new`, file);
  };
  aws.onChange(() => {
    timer ??= setTimeout(now, SAVE_DELAY).unref();
  });
  return { now };
};
