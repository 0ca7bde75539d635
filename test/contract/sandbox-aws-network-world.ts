/** Short ways to make Network Load Balancers and what belongs to them in a sandbox AWS. */
import {
  CreateListenerCommand,
  type CreateListenerCommandInput,
  type CreateLoadBalancerCommandInput,
  type CreateTargetGroupCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { forwardTo, type World } from './sandbox-aws-world.ts';

/** ARN of a new network load balancer without security groups; in two subnets unless mappings are given. */
export const networkBalancer = (
  world: World,
  given: Partial<CreateLoadBalancerCommandInput> = {},
): Promise<string> =>
  world.balancer({
    Type: 'network',
    SecurityGroups: undefined,
    ...given,
    ...(given.SubnetMappings === undefined ? {} : { Subnets: undefined }),
  });

/** ARN of a new target group of protocol TCP. */
export const tcpGroup = (world: World, given: Partial<CreateTargetGroupCommandInput> = {}): Promise<string> =>
  world.group({ Protocol: 'TCP', ...given });

/** ARN of a new listener that forwards to a group. */
export const tcpListener = async (
  { elb }: World,
  LoadBalancerArn: string,
  group: string,
  given: Partial<CreateListenerCommandInput> = {},
): Promise<string> => {
  const input = { LoadBalancerArn, Protocol: 'TCP' as const, Port: 80, DefaultActions: [forwardTo(group)] };
  const { Listeners } = await elb.send(new CreateListenerCommand({ ...input, ...given }));
  return Listeners?.[0]?.ListenerArn ?? '';
};
