/** Reads the Network Load Balancer in front of a stack's load balancer: the effects, without any judgement. */
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeTargetHealthCommand,
  type Listener,
  type LoadBalancer,
  paginateDescribeListeners,
  type TargetGroup,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attributes } from '../core/model/resource.ts';
import type { Tags } from '../core/model/tags.ts';
import type { Account } from './account.ts';
import type { Claims } from './claims.ts';
import { everyPage } from './every-page.ts';
import { fromSdkAttributes } from './kinds/attributes.ts';
import { describeTags } from './tags.ts';

type Tagged<T> = T & { readonly arn: string; readonly tags: Tags };

export type FoundFront = {
  readonly balancers: readonly Tagged<{
    readonly loadBalancer: LoadBalancer;
    readonly attributes: Attributes;
    readonly listeners: readonly Tagged<{ readonly listener: Listener }>[];
  }>[];
  readonly groups: readonly Tagged<{
    readonly targetGroup: TargetGroup;
    readonly health: readonly TargetHealthDescription[];
  }>[];
};

export const readFront = async (
  account: Account,
  { fronts, frontGroups }: Pick<Claims, 'fronts' | 'frontGroups'>,
): Promise<FoundFront> => {
  const { elb: client } = account.clients;
  const balancers = await Promise.all(
    fronts.map(async ({ found, arn }) => {
      const [{ Attributes }, listeners] = await Promise.all([
        client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn })),
        everyPage(paginateDescribeListeners({ client }, { LoadBalancerArn: arn }), (page) => page.Listeners),
      ]);
      return {
        arn,
        loadBalancer: found,
        attributes: fromSdkAttributes(Attributes),
        listeners: listeners.map((listener) => ({ arn: listener.ListenerArn ?? '', listener })),
      };
    }),
  );
  const groups = await Promise.all(
    frontGroups.map(async ({ found, arn }) => {
      const answer = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
      return { arn, targetGroup: found, health: answer.TargetHealthDescriptions ?? [] };
    }),
  );
  const parts = [...balancers, ...balancers.flatMap(({ listeners }) => listeners), ...groups];
  const tags = await describeTags(
    account.clients,
    parts.map(({ arn }) => arn),
  );
  /** What has no answer about its tags is gone by now. */
  const stillThere = <T extends { readonly arn: string }>(found: readonly T[]): Tagged<T>[] =>
    found.flatMap((one) => {
      const own = tags.get(one.arn);
      return own === undefined ? [] : [{ ...one, tags: own }];
    });
  return {
    balancers: stillThere(balancers).map((one) => ({ ...one, listeners: stillThere(one.listeners) })),
    groups: stillThere(groups),
  };
};
