/** TargetGroupBindings, target groups that somebody made by hand, and what is in them. */
import {
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { INGRESS_CLASS, textServer } from './manifests.ts';
import type { World } from './world.ts';

/** Installs the definition of bindings, the class, and Service `shop` in namespace `web`. */
export const installBindings = async (world: World): Promise<void> => {
  await world.define('targetgroupbindings');
  await world.kubectl(['create', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
};

/** A client of the account. */
export const elb = (world: World) => new ElasticLoadBalancingV2Client(world.sdk);

export const vpc = (world: World): string => [...world.box.aws.state.instances.values()][0]?.vpc ?? '';

/** ARN of a new target group. */
export const makeGroup = async (
  world: World,
  Name: string,
  TargetType: 'ip' | 'instance',
): Promise<string> => {
  const { TargetGroups } = await elb(world).send(
    new CreateTargetGroupCommand({ Name, TargetType, Protocol: 'HTTP', Port: 80, VpcId: vpc(world) }),
  );
  return TargetGroups?.[0]?.TargetGroupArn ?? '';
};

/** Targets that are not on their way out, as `address:port`. */
export const targetsOf = async (world: World, arn: string): Promise<readonly string[]> => {
  const { TargetHealthDescriptions } = await elb(world).send(
    new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
  );
  return (TargetHealthDescriptions ?? [])
    .filter((it) => it.TargetHealth?.State !== 'draining')
    .map((it) => `${it.Target?.Id}:${it.Target?.Port}`)
    .sort();
};

/** Addresses of the Pods of a Service, as `address:port`. */
export const podAddresses = async (world: World, name: string): Promise<readonly string[]> =>
  JSON.parse(await world.kubectl(['get', 'endpointslices', '-n', 'web', '-o', 'json']))
    .items.filter(
      (it: { metadata: { labels: Record<string, string> } }) =>
        it.metadata.labels['kubernetes.io/service-name'] === name,
    )
    .flatMap((it: { ports: { port: number }[]; endpoints?: { addresses: string[] }[] }) =>
      (it.endpoints ?? []).flatMap(({ addresses }) =>
        addresses.map((address) => `${address}:${it.ports[0]?.port}`),
      ),
    )
    .sort();

/** A binding of Service `shop`. */
export const binding = (name: string, spec: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata: { name, namespace: 'web' },
    spec: { serviceRef: { name: 'shop', port: 80 }, ...spec },
  });

/** Status, reason and message of a binding. */
export const ready = async (world: World, name: string): Promise<string> =>
  world.kubectl([
    'get',
    'targetgroupbinding',
    name,
    '-n',
    'web',
    '-o',
    'jsonpath={.status.conditions[0].status} {.status.conditions[0].reason} {.status.conditions[0].message}',
  ]);

/** Waits until a binding says this. */
export const becomes = (world: World, name: string, expected: RegExp): Promise<true> =>
  world.until(`${name} says ${expected}`, async () => expected.test(await ready(world, name)));

/** Deletes a binding, and waits until it has gone. */
export const remove = (world: World, name: string): Promise<string> =>
  world.kubectl(['delete', 'targetgroupbinding', name, '-n', 'web', '--timeout=30s']);
