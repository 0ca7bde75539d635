/** A sandbox AWS with SDK clients on it and short ways to make what a probe needs. */
import assert from 'node:assert/strict';
import { ACMClient, ImportCertificateCommand, type ImportCertificateCommandInput } from '@aws-sdk/client-acm';
import { EC2Client } from '@aws-sdk/client-ec2';
import {
  type Action,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateRuleCommand,
  type CreateRuleCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Change, ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { makeCertificate, type Pem } from '../../src/sandbox/aws/acm/make-certificate.ts';
import type { SandboxAws } from '../../src/sandbox/aws/sandbox-aws.ts';
import { type AwsOptions, startAws } from '../../src/sandbox/aws/server.ts';

export type World = AsyncDisposable & {
  readonly aws: SandboxAws;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly ec2: EC2Client;
  readonly r53: Route53Client;
  readonly acm: ACMClient;
  /** Another client, made with the settings of these; it is destroyed with the world. */
  use<Client extends { destroy(): void }>(make: (settings: ClientSettings) => Client): Client;
  /** ARN of a new load balancer. */
  balancer(settings?: Partial<CreateLoadBalancerCommandInput>): Promise<string>;
  /** ARN of a new target group of type ip. */
  group(settings?: Partial<CreateTargetGroupCommandInput>): Promise<string>;
  /** ARN of a new HTTP listener that answers 404. */
  listener(balancer: string, port?: number, action?: Action): Promise<string>;
  /** ARN of a new rule. */
  rule(listener: string, settings?: Partial<CreateRuleCommandInput>): Promise<string>;
  /** ARN of a new certificate. */
  certificate(names: readonly string[], pem?: Pem): Promise<string>;
  /** Sends a change batch to a zone. */
  change(zone: string, ...changes: Change[]): Promise<string>;
};

export const NOT_FOUND: Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } };
export const forwardTo = (TargetGroupArn: string): Action => ({ Type: 'forward', TargetGroupArn });
export const path = (...Values: string[]) => ({ Field: 'path-pattern', PathPatternConfig: { Values } });

/** Client settings for an endpoint; no retries, so that a probe sees the first answer. */
export const clientFor = (aws: { readonly url: string; readonly region: string }) => ({
  endpoint: aws.url,
  region: aws.region,
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  maxAttempts: 1,
});

export type ClientSettings = ReturnType<typeof clientFor>;

/** Starts a world of its own; `speed` 0.001 keeps time nearly still. */
export const makeWorld = async (options: AwsOptions = {}): Promise<World> => {
  const aws = await startAws(options);
  return worldOn(
    clientFor(aws),
    () => aws,
    () => aws.stop(),
  );
};

/** A client of the SDK as far as all are alike. */
type Client = Pick<ElasticLoadBalancingV2Client, 'destroy'> & {
  readonly middlewareStack: { add(middleware: never, options: never): void };
};

/** A world on any endpoint. `sandbox` throws where there is none; `prepare` sees each client before it is used. */
export const worldOn = (
  settings: ClientSettings,
  sandbox: () => SandboxAws,
  stop: () => Promise<void>,
  prepare: (client: Client) => void = () => undefined,
): World => {
  const clients: Client[] = [];
  const use = <Made extends { destroy(): void }>(make: (given: ClientSettings) => Made): Made => {
    const client = make(settings);
    const known = client as unknown as Client;
    prepare(known);
    clients.push(known);
    return client;
  };
  const elb = use((given) => new ElasticLoadBalancingV2Client(given));
  const acm = use((given) => new ACMClient(given));
  const r53 = use((given) => new Route53Client(given));
  const ec2 = use((given) => new EC2Client(given));
  let names = 0;
  let priority = 100;
  const next = (kind: string) => {
    names += 1;
    return `${kind}${names}`;
  };
  return {
    get aws() {
      return sandbox();
    },
    use,
    elb,
    ec2,
    r53,
    acm,
    balancer: async (given = {}) => {
      const input = {
        Name: next('web'),
        Subnets: ['subnet-1234', 'subnet-5678'],
        SecurityGroups: ['sg-1234'],
        ...given,
      };
      return (await elb.send(new CreateLoadBalancerCommand(input))).LoadBalancers?.[0]?.LoadBalancerArn ?? '';
    },
    group: async (given = {}) => {
      const input = {
        Name: next('tg'),
        Protocol: 'HTTP' as const,
        Port: 80,
        VpcId: 'vpc-1',
        TargetType: 'ip' as const,
        ...given,
      };
      return (await elb.send(new CreateTargetGroupCommand(input))).TargetGroups?.[0]?.TargetGroupArn ?? '';
    },
    listener: async (LoadBalancerArn, Port = 80, action = NOT_FOUND) => {
      const input = { LoadBalancerArn, Protocol: 'HTTP' as const, Port, DefaultActions: [action] };
      return (await elb.send(new CreateListenerCommand(input))).Listeners?.[0]?.ListenerArn ?? '';
    },
    rule: async (ListenerArn, given = {}) => {
      priority += 1;
      const input = {
        ListenerArn,
        Priority: priority,
        Conditions: [path('/x')],
        Actions: [NOT_FOUND],
        ...given,
      };
      return (await elb.send(new CreateRuleCommand(input))).Rules?.[0]?.RuleArn ?? '';
    },
    certificate: async (domains, pem = makeCertificate({ names: domains })) => {
      return (await importing({ acm }, pem)).CertificateArn ?? '';
    },
    change: async (HostedZoneId, ...Changes) => {
      const { ChangeInfo } = await r53.send(
        new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }),
      );
      return ChangeInfo?.Id ?? '';
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      await stop();
    },
  };
};

/** Imports a certificate with its key; `more`: what else is said with it. */
export const importing = (
  { acm }: Pick<World, 'acm'>,
  { certificate, privateKey }: Omit<Pem, 'key'>,
  more: Partial<ImportCertificateCommandInput> = {},
) =>
  acm.send(
    new ImportCertificateCommand({
      Certificate: Buffer.from(certificate),
      PrivateKey: Buffer.from(privateKey),
      ...more,
    }),
  );

/** Makes an HTTPS listener with the certificate on a new load balancer; it answers 404 unless `more` says otherwise. */
export const secure = async (
  { elb, balancer }: World,
  CertificateArn: string,
  more: Partial<CreateListenerCommandInput> = {},
) =>
  elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: await balancer(),
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn }],
      DefaultActions: [NOT_FOUND],
      ...more,
    }),
  );

/** Asserts that AWS refuses with this error, and that its text says what it should. */
export const refused = async (attempt: Promise<unknown>, name: string, text: RegExp = /./): Promise<void> => {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Error, `expected ${name}, but the call succeeded`);
  assert.equal(error.name, name, `${error.name}: ${error.message}`);
  assert.match(error.message, text);
};

/** Runs a probe and asserts its outcome. */
export const probed = async ([, error, attempt, text]: Probe, world: World): Promise<void> => {
  if (error === ACCEPTED) await attempt(world);
  else await refused(attempt(world), error, text);
};

/** The outcome of a probe that AWS does not refuse; it asserts by itself what it sees. */
export const ACCEPTED = 'accepted';

/** One row of AWS's rules: what is tried, and the error it gives. Those with options need a sandbox of their own. */
export type Probe = readonly [
  row: string,
  error: string,
  attempt: (world: World) => Promise<unknown>,
  text?: RegExp,
  options?: AwsOptions,
];
