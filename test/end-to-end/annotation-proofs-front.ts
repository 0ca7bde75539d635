/** Proofs of annotations about the Network Load Balancer in front. */
import type { Proof, Scene } from './annotation-proof.ts';

const front = ({ eyes }: Scene) => eyes.stack('web/front', 'network');
const group = async (scene: Scene) => (await front(scene)).groups[0];

/** Through the network load balancer and the load balancer behind it, which is healthy by the check as it is. */
const PASSES = {
  requests: async (scene: Scene) => [
    (await group(scene))?.targets.map(({ state }) => state),
    (await scene.ask('http://front.example.com:8080/')).status,
  ],
  answers: [['healthy'], 200],
} as const;

export const FRONT_PROOFS = {
  'enable-frontend-nlb': {
    aws: async (scene) => (await front(scene)).balancer.Type,
    is: 'network',
    ...PASSES,
  },
  'frontend-nlb-scheme': {
    aws: async (scene) => [
      (await front(scene)).balancer.Scheme,
      (await scene.eyes.stack('web/front')).balancer.Scheme,
    ],
    is: ['internet-facing', 'internal'],
    ...PASSES,
  },
  'frontend-nlb-subnets': {
    aws: async (scene) =>
      (await front(scene)).balancer.AvailabilityZones?.map(({ SubnetId }) => SubnetId).sort(),
    is: ['subnet-5678', 'subnet-9999'],
    ...PASSES,
  },
  'frontend-nlb-security-groups': {
    aws: async (scene) => (await front(scene)).balancer.SecurityGroups,
    is: ['sg-1234'],
    requests: {
      same: 'security groups are the business of the network, which the sandbox does not have',
    },
  },
  'frontend-nlb-eip-allocations': {
    aws: async (scene) => {
      const zones = (await front(scene)).balancer.AvailabilityZones ?? [];
      const given = zones.flatMap(({ LoadBalancerAddresses = [] }) =>
        LoadBalancerAddresses.map(({ AllocationId = '' }) => AllocationId),
      );
      return given.length === 2 && given.every((it) => scene.account.elasticAddresses.includes(it));
    },
    is: true,
    requests: { same: 'the sandbox listens on loopback, whatever the address' },
  },
  'frontend-nlb-listener-port-mapping': {
    aws: async (scene) => (await front(scene)).listeners.map(({ Port, Protocol }) => `${Protocol} ${Port}`),
    is: ['TCP 8080'],
    ...PASSES,
  },
  'frontend-nlb-healthcheck-port': {
    aws: async (scene) => (await group(scene))?.HealthCheckPort,
    is: '443',
    ...PASSES,
  },
  'frontend-nlb-healthcheck-protocol': {
    aws: async (scene) => (await group(scene))?.HealthCheckProtocol,
    is: 'HTTPS',
    ...PASSES,
  },
  'frontend-nlb-healthcheck-path': {
    aws: async (scene) => (await group(scene))?.HealthCheckPath,
    is: '/healthz',
    ...PASSES,
  },
  'frontend-nlb-healthcheck-interval-seconds': {
    aws: async (scene) => (await group(scene))?.HealthCheckIntervalSeconds,
    is: 20,
    ...PASSES,
  },
  'frontend-nlb-healthcheck-timeout-seconds': {
    aws: async (scene) => (await group(scene))?.HealthCheckTimeoutSeconds,
    is: 6,
    ...PASSES,
  },
  'frontend-nlb-healthcheck-healthy-threshold-count': {
    aws: async (scene) => (await group(scene))?.HealthyThresholdCount,
    is: 3,
    ...PASSES,
  },
  'frontend-nlb-healthcheck-unhealthy-threshold-count': {
    aws: async (scene) => (await group(scene))?.UnhealthyThresholdCount,
    is: 4,
    ...PASSES,
  },
  'frontend-nlb-healthcheck-success-codes': {
    aws: async (scene) => (await group(scene))?.Matcher?.HttpCode,
    is: '200-404',
    ...PASSES,
  },
  'frontend-nlb-attributes': {
    aws: async (scene) => (await front(scene)).attributes['dns_record.client_routing_policy'],
    is: 'availability_zone_affinity',
    requests: { same: 'the sandbox gives every client the same addresses' },
  },
  'frontend-nlb-tags': {
    aws: async (scene) => {
      const { balancer, listeners, groups } = await front(scene);
      return [balancer, ...listeners, ...groups].map(({ tags }) => tags.team);
    },
    is: ['edge', 'edge', 'edge'],
    requests: { same: 'a tag is no part of a request' },
  },
} as const satisfies Record<string, Proof>;
