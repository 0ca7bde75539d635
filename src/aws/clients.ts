/** The AWS clients, each request of which passes the rate budget and is reported. */
import { ACMClient } from '@aws-sdk/client-acm';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { Route53Client } from '@aws-sdk/client-route-53';
import { ShieldClient } from '@aws-sdk/client-shield';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import type { Log } from '../core/ports.ts';
import type { Budget, Service } from './budget.ts';
import { awsError, nameCredentials, nameDeniedAction, nameUnanswered } from './errors.ts';
import { USER_AGENT } from './user-agent.ts';

export type Clients = {
  readonly elb: ElasticLoadBalancingV2Client;
  readonly ec2: EC2Client;
  readonly route53: Route53Client;
  readonly acm: ACMClient;
  readonly wafv2: WAFV2Client;
  readonly shield: ShieldClient;
  readonly tagging: ResourceGroupsTaggingAPIClient;
};

/** Called for every request that went out, retries of the SDK included. `outcome` is `ok` or the error code. */
export type OnCall = (service: Service, operation: string, outcome: string) => void;

export type ClientOptions = {
  readonly region: string;
  /** Only to override what the SDK itself reads from AWS_ENDPOINT_URL and the shared configuration. */
  readonly endpoint?: string;
  /** Tries of one request inside the SDK. Small: the plan above tries again with a fresh look at AWS. */
  readonly maxAttempts: number;
  readonly budget: Budget;
  readonly onCall: OnCall;
  /** Asked right before each request that writes goes out, retries included; false: it does not go out. */
  readonly mayWrite: () => boolean;
  readonly log: Log;
  /** ARN of the role in whose name they act; absent: in the controller's own. */
  readonly role?: string;
};

/** Credentials come from the SDK's standard chain. Sockets are kept alive and do not keep the process alive. */
export const createClients = (options: ClientOptions): Clients => {
  const config = sdkConfig(options);
  return {
    elb: metered(new ElasticLoadBalancingV2Client(config), 'elbv2', options),
    ec2: metered(new EC2Client(config), 'ec2', options),
    route53: metered(new Route53Client(config), 'route53', options),
    acm: metered(new ACMClient(config), 'acm', options),
    tagging: metered(new ResourceGroupsTaggingAPIClient(config), 'tagging', options),
    wafv2: metered(new WAFV2Client(config), 'wafv2', options),
    // One endpoint serves all Regions (AWS documentation).
    shield: metered(new ShieldClient({ ...config, region: 'us-east-1' }), 'shield', options),
  };
};

export const sdkConfig = ({ region, maxAttempts, endpoint }: ClientOptions) => {
  const agent = { keepAlive: true, maxSockets: 50 };
  return {
    region,
    maxAttempts,
    customUserAgent: USER_AGENT,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 30_000, httpAgent: agent, httpsAgent: agent },
    ...(endpoint && { endpoint }),
  };
};

/** What actions of a service begin with in IAM policies. */
const IAM_PREFIX: Readonly<Record<Service, string>> = {
  elbv2: 'elasticloadbalancing',
  ec2: 'ec2',
  route53: 'route53',
  acm: 'acm',
  wafv2: 'wafv2',
  shield: 'shield',
  tagging: 'tag',
  sts: 'sts',
};

/** The little that is common to the middleware stacks of all clients. */
type Meterable = {
  readonly middlewareStack: {
    add(middleware: (next: Next) => Next, where: { step: 'initialize'; name: string }): void;
    addRelativeTo(
      middleware: (next: Next, context: { readonly commandName?: string }) => Next,
      where: { relation: 'before'; toMiddleware: string; name: string },
    ): void;
  };
};
// biome-ignore lint/suspicious/noExplicitAny: the stacks differ in types that say nothing to us
type Next = (args: any) => Promise<any>;

/** To take a role changes nothing either. */
const READS = /^(Describe|Get|List|AssumeRole)/;

/** A process that was frozen in the middle of an operation wakes up as somebody else's follower. */
class NotLeading extends Error {
  override readonly name = 'NotLeading';

  constructor(operation: string) {
    super(`${operation} was not sent: this controller does not lead (any more)`);
  }
}

/** Inside the SDK's retry loop, so that each try costs a token, and before signing, so that waiting cannot age a signature. */
export const metered = <C extends object>(
  client: C,
  service: Service,
  { budget, onCall, mayWrite, log, role }: ClientOptions,
): C => {
  const { middlewareStack } = client as C & Meterable;
  // Credentials are looked for before any try begins.
  middlewareStack.add(
    (next) => (args) =>
      next(args).catch((thrown: unknown) => {
        nameCredentials(thrown);
        throw thrown;
      }),
    { step: 'initialize', name: 'credentials' },
  );
  middlewareStack.addRelativeTo(
    (next, context) => async (args) => {
      const operation = (context.commandName ?? 'Unknown').replace(/Command$/, '');
      await budget.take(service, operation);
      if (!READS.test(operation) && !mayWrite()) throw new NotLeading(operation);
      try {
        const answer = await next(args);
        budget.settle(service, operation, false);
        onCall(service, operation, 'ok');
        return answer;
      } catch (thrown) {
        const { code, meaning } = awsError(thrown);
        budget.settle(service, operation, meaning === 'throttled');
        onCall(service, operation, code);
        const action = `${IAM_PREFIX[service]}:${operation}`;
        nameDeniedAction(thrown, action, role);
        nameUnanswered(thrown, action);
        if (meaning === 'denied') log('warn', 'AWS does not permit a call', { service, operation, code });
        if (meaning === 'throttled') log('warn', 'AWS asks to slow down', { service, operation, code });
        throw thrown;
      }
    },
    { relation: 'before', toMiddleware: 'httpSigningMiddleware', name: 'budget' },
  );
  return client;
};
