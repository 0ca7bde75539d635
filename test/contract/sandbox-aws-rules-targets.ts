/** AWS's rules about target groups and targets. */
import type { Section } from './sandbox-aws-rule.ts';

const V = 'ValidationError';
const CONFIG = 'InvalidConfigurationRequest';

export const TARGETS: Section = {
  title: 'Target groups and targets',
  areas: ['ELBv2 target groups', 'ELBv2 targets', 'ELBv2 networks', 'ELBv2 forwarding', 'ELBv2 targets do'],
  rules: [
    [
      'Creating one with a name and settings that exist gives the existing one; other settings are refused.',
      'DuplicateTargetGroupName',
      'seen',
      ['same name, other port', 'creating a target group again with the same settings gives the same one'],
    ],
    ['3,000 for each Region.', 'TooManyTargetGroups', 'docs', ['more than the quota']],
    [
      'VPC and port are needed and exist; kinds are instance and ip.',
      `${V}, NotImplemented`,
      'model',
      ['without a VPC', 'in an unknown VPC', 'port 0', 'a lambda target group'],
    ],
    [
      'Health checks: on, intervals, thresholds, matchers, ports; timeout below the interval.',
      V,
      'model',
      [
        'health checks off',
        'timeout not below the interval',
        'interval out of range',
        'threshold out of range',
        'a success code out of range',
        'an HTTP code for gRPC',
        'a health-check port that is none',
        'modify: interval below the timeout',
        'default health check of a target group',
      ],
    ],
    [
      'In use it cannot be deleted; an unknown one can.',
      'ResourceInUse',
      'seen',
      ['delete one in use', 'deleting an unknown target group succeeds'],
    ],
    [
      'It stays in use for a while after the last listener or rule is gone (fact `targetGroupReleaseSeconds`, 0 unless set).',
      'ResourceInUse',
      'clients',
      [
        'deleting a target group just after its last listener',
        'a target group goes some time after its last listener',
      ],
    ],
    [
      'Describe by names, ARNs or load balancer, one of them.',
      `TargetGroupNotFound, ${V}`,
      'run',
      ['describe an unknown name', 'describe by names and ARNs', 'health of an unknown group'],
    ],
    [
      'Attributes: keys, ranges, cookies, algorithms.',
      `${V}, ${CONFIG}`,
      'model',
      [
        'an attribute that does not exist',
        'an attribute twice',
        'deregistration delay out of range',
        'slow start of 29 seconds',
        'stickiness by source address',
        'application cookie without a name',
        'application cookie with a reserved name',
        'anomaly mitigation without its algorithm',
        'slow start with another algorithm than round robin',
        'a draining interval where connections are ended',
        'default attributes of a target group',
      ],
    ],
    [
      'Protocol, port, VPC and kind cannot be changed.',
      'none',
      'model',
      'The request has no members for them.',
    ],
    [
      'Addresses are of the VPC or of private ranges; outside the VPC with zone all.',
      `InvalidTarget, ${V}`,
      'model',
      [
        'a public address',
        'a private address outside the VPC without zone',
        'no address',
        'an IPv6 address in an IPv4 group',
      ],
    ],
    [
      'Instances exist, run and are of the VPC.',
      `InvalidTarget, ${V}`,
      'model',
      [
        'an unknown instance',
        'a stopped instance',
        'an instance of another VPC',
        'a zone for an instance',
        'port 65536',
      ],
    ],
    [
      '1,000 targets for each group and load balancer, a target 100 times for each load balancer.',
      'TooManyTargets, TooManyRegistrationsForTargetId',
      'seen',
      ['more than the group takes', 'more than the load balancer takes', 'a target too often'],
    ],
    [
      'A target is its id and port; deregistering another one succeeds.',
      'none',
      'model',
      ['one address with two ports is two targets', 'deregistering a target that is not there succeeds'],
    ],
    [
      'States unused, initial, draining; healthy and unhealthy by the checks of the data plane.',
      'none',
      'docs',
      [
        'a target of a group that no listener uses is unused',
        'a target of a group in use is initial at first',
        'a deregistered target is draining',
      ],
    ],
    [
      'State unavailable.',
      'none',
      'docs',
      'Health checks of ip and instance targets cannot be switched off.',
    ],
  ],
};
