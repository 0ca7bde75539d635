/** Whether requests sent to a load balancer would be answered. Not knowing is no. */
import {
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  paginateDescribeTargetGroups,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Actual } from '../core/model/actual.ts';
import type { BalancerKey } from '../core/model/key.ts';
import type { Account } from './account.ts';
import { awsError } from './errors.ts';
import { everyPage } from './every-page.ts';

export type Serving =
  | { readonly serving: true }
  | { readonly serving: false; readonly why: string; readonly unknown?: true };

export const serving = async (
  { clients: { elb: client } }: Account,
  key: BalancerKey,
  actual: Actual,
): Promise<Serving> => {
  const LoadBalancerArn = actual.ids.get(key);
  if (LoadBalancerArn === undefined) return no(`${key} does not exist yet`);
  try {
    const answer = await client.send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }),
    );
    const state = answer.LoadBalancers?.[0]?.State?.Code;
    if (state !== 'active' && state !== 'active_impaired')
      return no(`the load balancer is ${state ?? 'not there'}`);
    const pages = paginateDescribeTargetGroups({ client }, { LoadBalancerArn });
    const groups = await everyPage(pages, (page) => page.TargetGroups);
    const silent = (await Promise.all(groups.map((group) => whySilent(client, group)))).filter(
      (why) => why !== undefined,
    );
    return silent[0] === undefined ? { serving: true } : no(silent.join('; '));
  } catch (thrown) {
    const { code, message, meaning } = awsError(thrown);
    const why = `AWS did not tell (${code}: ${message})`;
    return { serving: false, why, ...(meaning !== 'gone' && { unknown: true as const }) };
  }
};

const no = (why: string): Serving => ({ serving: false, why });

/** A group without targets answers 503 today and would not be better tomorrow: nothing to wait for. */
const whySilent = async (
  client: Account['clients']['elb'],
  { TargetGroupArn, TargetGroupName }: TargetGroup,
): Promise<string | undefined> => {
  const answer = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  const states = (answer.TargetHealthDescriptions ?? []).flatMap(
    ({ TargetHealth }) => TargetHealth?.State ?? [],
  );
  const present = states.filter((state) => state !== 'draining');
  if (present.length === 0 || present.includes('healthy')) return undefined;
  return `none of the ${present.length} targets of ${TargetGroupName} is healthy (${[...new Set(present)].sort().join(', ')})`;
};
