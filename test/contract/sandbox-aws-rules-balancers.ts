/** AWS's rules about load balancers. */
import type { Section } from './sandbox-aws-rule.ts';

const V = 'ValidationError';
const CONFIG = 'InvalidConfigurationRequest';

export const BALANCERS: Section = {
  title: 'Load balancers',
  areas: [
    'ELBv2 names',
    'ELBv2 load balancers',
    'ELBv2 networks',
    'ELBv2 tags',
    'ELBv2 capacity',
    'ELBv2 load balancers do',
  ],
  rules: [
    [
      'Names have 1 to 32 letters, digits and hyphens, no hyphen at either end, and do not begin with `internal-`.',
      V,
      'model',
      [
        'a load balancer name has at most 32 characters',
        'a load balancer name is alphanumeric',
        'a load balancer name does not begin with a hyphen',
        'a load balancer name does not end with a hyphen',
        'a load balancer name does not begin with internal-',
      ],
    ],
    [
      'Target group names follow the same rules and have no two hyphens in a row.',
      V,
      'memory',
      ['a target group name has at most 32 characters', 'a target group name has no two hyphens in a row'],
    ],
    [
      'Creating one with a name and settings that exist gives the existing one.',
      'none',
      'model',
      ['creating a load balancer again with the same settings gives the same one'],
    ],
    [
      'The same name with other settings is refused; tags are settings (fact `tagsAreSettings`).',
      'DuplicateLoadBalancerName',
      'seen',
      ['same name, other scheme', 'same name, other tags'],
    ],
    [
      'Subnets of two zones are needed (fact `twoZonesCodeOnCreate`).',
      `${V}, ${CONFIG}`,
      'docs',
      ['one zone only', 'SetSubnets to one zone'],
    ],
    ['One subnet for each zone.', CONFIG, 'docs', ['two subnets of one zone']],
    [
      'Subnets or mappings, not both; all of one VPC.',
      `${V}, ${CONFIG}`,
      'model',
      ['subnets and mappings together', 'subnets of two VPCs', 'SetSubnets to another VPC'],
    ],
    [
      'Subnets exist, are at least a /27 and have eight free addresses (fact `freeAddressesPerSubnet`).',
      'SubnetNotFound, InvalidSubnet',
      'memory',
      ['unknown subnet', 'subnet without room'],
    ],
    [
      'Security groups exist, are of the VPC, and are five at most.',
      `InvalidSecurityGroup, ${CONFIG}`,
      'memory',
      [
        'unknown security group',
        'six security groups',
        'SetSecurityGroups to an unknown group',
        'a security group of another VPC',
      ],
    ],
    [
      'An internet-facing one needs an internet gateway in the VPC.',
      'InvalidSubnet',
      'memory',
      ['internet-facing without internet gateway'],
    ],
    [
      'Dualstack needs subnets with IPv6 and is not for internal ones (fact `internalMayBeDualstack`).',
      `${CONFIG}, InvalidSubnet`,
      'model',
      [
        'dualstack on an internal one',
        'dualstack without IPv6 in the subnets',
        'SetIpAddressType of an internal one',
      ],
    ],
    [
      '50 for each Region (fact `loadBalancersPerRegion`).',
      'TooManyLoadBalancers',
      'docs',
      ['more than the quota'],
    ],
    [
      'Deletion protection keeps one from being deleted.',
      'OperationNotPermitted',
      'model',
      ['deletion protection'],
    ],
    [
      'Deleting an unknown one succeeds; listeners and rules go along, target groups stay.',
      'none',
      'model',
      [
        'deleting an unknown load balancer succeeds',
        'a deleted load balancer takes its listeners along and leaves its target groups',
      ],
    ],
    [
      'State is provisioning, then active (fact `provisioningSeconds`).',
      'none',
      'model',
      ['a new load balancer is provisioning'],
    ],
    [
      'States active_impaired and failed.',
      'none',
      'model',
      'Nothing in the sandbox makes a load balancer fail; lost and refused calls are made with faults.',
    ],
    [
      'Names in DNS and the hosted zone they lie in.',
      'none',
      'docs',
      [
        'the hosted zone of a load balancer is the one AWS lists for the Region',
        'the name of an internal load balancer begins with internal-',
      ],
    ],
    [
      'ARNs of listeners and rules repeat that of the load balancer.',
      'none',
      'docs',
      ['ARNs of a load balancer, a listener and a rule grow out of each other', 'an ARN of another kind'],
    ],
    [
      'Attributes: known keys, types and ranges, 20 in a call; logs need a bucket.',
      `${V}, ${CONFIG}`,
      'model',
      [
        'an attribute that does not exist',
        'idle timeout out of range',
        'a desync mode that does not exist',
        'access logs without a bucket',
        '21 attributes in a call',
        'default attributes of a load balancer',
      ],
    ],
    [
      'Access to the log bucket is checked.',
      CONFIG,
      'docs',
      'There is no S3 with bucket policies; any bucket name is taken.',
    ],
    [
      'Describe names at most 20, errors for unknown ones, pages of 1 to 400 with opaque markers.',
      `${V}, LoadBalancerNotFound`,
      'model',
      [
        'describe an unknown name',
        'describe 21 ARNs',
        'a page of 401',
        'a marker of somebody else',
        'attributes of an unknown one',
        'pages of one follow each other',
      ],
    ],
    ['Schemes and types are those of the model.', V, 'model', ['a scheme that does not exist']],
    ['Gateway load balancers.', 'NotImplemented', 'model', ['a gateway load balancer']],
    [
      '50 tags, no key twice, keys and values of the allowed characters, none that begins with `aws:`.',
      `TooManyTags, DuplicateTagKeys, ${V}`,
      'memory',
      [
        '51 tags',
        'a tag key twice',
        'a tag key of AWS',
        'a tag key of 129 characters',
        'a tag with a character that is not allowed',
        'tags given at creation are there',
      ],
    ],
    [
      'Tags of at most 20 resources at a time, all of which exist.',
      `${V}, LoadBalancerNotFound, TargetGroupNotFound`,
      'model',
      [
        'tags of 21 resources',
        'tags of an unknown load balancer',
        'removing tags of an unknown target group',
      ],
    ],
    [
      'Capacity is reserved in units from 100, two decreases a day.',
      `${V}, CapacityUnitsLimitExceeded, CapacityDecreaseRequestsLimitExceeded, LoadBalancerNotFound`,
      'docs',
      [
        'less than 100 capacity units',
        'more capacity units than the quota',
        'a third decrease of capacity in a day',
        'capacity of an unknown load balancer',
      ],
    ],
    ['Shared resources.', 'ResourceNotFound', 'model', ['the resource policy of what has none']],
  ],
};
