/** Clients that act in the name of a role, usually of another account: with temporary credentials, on a budget of its own. */
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Route53Client } from '@aws-sdk/client-route-53';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Role } from '../core/bindings/read-binding.ts';
import type { Budget } from './budget.ts';
import { type ClientOptions, metered, sdkConfig } from './clients.ts';
import { awsError } from './errors.ts';

/** STS did not let us have the role; says what to look at. */
export class RoleRefused extends Error {
  override readonly name = 'RoleRefused';
}

export type ClientOfRole<C = ElasticLoadBalancingV2Client> = (role: Role) => C;

export type ClientsOfRoles = {
  readonly elb: ClientOfRole;
  readonly route53: ClientOfRole<Route53Client>;
};

export type RoleOptions = {
  readonly sts: STSClient;
  readonly clients: ClientOptions;
  /** Rates are those of an account, whoever asks in its name. */
  readonly budget: () => Budget;
  readonly cluster: string;
};

/** One client for each role and external id; credentials are asked for when they are needed, and again before they end. */
export const clientsOfRoles = (options: RoleOptions): ClientsOfRoles => {
  const budgets = new Map<string, Budget>();
  const budgetOf = (role: Role): Budget => {
    const account = role.arn.split(':')[4] ?? '';
    const known = budgets.get(account) ?? options.budget();
    budgets.set(account, known);
    return known;
  };
  const configOf = (role: Role) => ({
    ...sdkConfig(options.clients),
    credentials: () => assume(role, options),
  });
  const inItsName = (role: Role): ClientOptions => ({
    ...options.clients,
    budget: budgetOf(role),
    role: role.arn,
  });
  return {
    elb: once((role) => metered(new ElasticLoadBalancingV2Client(configOf(role)), 'elbv2', inItsName(role))),
    route53: once((role) => metered(new Route53Client(configOf(role)), 'route53', inItsName(role))),
  };
};

const once = <C>(make: ClientOfRole<C>): ClientOfRole<C> => {
  const clients = new Map<string, C>();
  return (role) => {
    const key = `${role.arn} ${role.externalId ?? ''}`;
    const client = clients.get(key) ?? make(role);
    clients.set(key, client);
    return client;
  };
};

const assume = async ({ arn, externalId }: Role, { sts, cluster }: RoleOptions) => {
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: arn,
        RoleSessionName: sessionName(cluster),
        ...(externalId !== undefined && { ExternalId: externalId }),
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    return {
      accessKeyId: AccessKeyId ?? '',
      secretAccessKey: SecretAccessKey ?? '',
      ...(SessionToken !== undefined && { sessionToken: SessionToken }),
      ...(Expiration && { expiration: Expiration }),
    };
  } catch (thrown) {
    const { code, message, meaning } = awsError(thrown);
    if (meaning !== 'denied' && meaning !== 'wrong') throw thrown;
    const id = externalId === undefined ? 'no external id' : 'this external id (sts:ExternalId)';
    throw new RoleRefused(
      `role ${arn} cannot be assumed (${code}: ${message}); expected that its trust policy lets the role of this controller assume it with ${id}, and that the controller may call sts:AssumeRole on it`,
    );
  }
};

/** STS documentation: 2 to 64 of these characters. It is what the other account sees in its logs. */
const sessionName = (cluster: string): string =>
  `alb-ingress-${cluster}`.replace(/[^\w+=,.@-]/g, '-').slice(0, 64);
