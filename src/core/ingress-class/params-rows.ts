/**
 * Every field of IngressClassParams (`elbv2.k8s.aws/v1beta1`, the kind of the AWS Load Balancer Controller): what it
 * means, which annotations it stands above, and its part of the schema. What is read, the CustomResourceDefinition
 * and the reference page come from here.
 */
import type { AnnotationKey } from '../annotations/table.ts';
import {
  capacity,
  groupName,
  listeners,
  pairs,
  poolId,
  sentence,
  strings,
  subnetIds,
  type Texts,
  whole,
} from './params-texts.ts';

/** Part of an OpenAPI v3 schema, as a CustomResourceDefinition takes it. */
export type Schema = Readonly<Record<string, unknown>>;

export type ParamsRow = {
  /** Annotations whose place it takes; none for what only the class can say. */
  readonly overrides: readonly AnnotationKey[];
  /** The annotations the value stands for, as text; undefined for fields with a reader of their own. */
  readonly texts?: (value: unknown) => Texts;
  readonly schema: Schema;
  readonly doc: string;
  readonly example: unknown;
  readonly invalid: unknown;
};

const line: Schema = { type: 'string' };
const lines: Schema = { type: 'array', items: { type: 'string', minLength: 1 } };
const keyAndValue: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['key', 'value'],
    properties: { key: { type: 'string', minLength: 1 }, value: { type: 'string' } },
  },
};

const PARAMS_ROWS = {
  namespaceSelector: {
    overrides: [],
    schema: {
      type: 'object',
      properties: {
        matchLabels: { type: 'object', additionalProperties: { type: 'string' } },
        matchExpressions: {
          type: 'array',
          items: {
            type: 'object',
            required: ['key', 'operator'],
            properties: {
              key: line,
              operator: { type: 'string', enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
              values: { type: 'array', items: line },
            },
          },
        },
      },
    },
    doc: 'Labels of the namespaces whose Ingresses may use the class; without it all may.',
    example: { matchLabels: { team: 'shop' } },
    invalid: { matchExpressions: [{ key: 'team', operator: 'Equals' }] },
  },
  group: {
    overrides: ['group.name'],
    texts: groupName,
    schema: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 63, pattern: '^([a-z0-9][-a-z0-9.]*)?[a-z0-9]$' },
      },
    },
    doc: 'The group of all Ingresses of the class, so that they share one load balancer.',
    example: { name: 'shop.public' },
    invalid: { name: 'Shop_Public' },
  },
  loadBalancerName: {
    overrides: ['load-balancer-name'],
    texts: sentence('load-balancer-name'),
    schema: { type: 'string', maxLength: 32 },
    doc: 'Name of the load balancer in AWS. Only read when it is made.',
    example: 'shop-front',
    invalid: 'internal-shop',
  },
  scheme: {
    overrides: ['scheme'],
    texts: sentence('scheme'),
    schema: { type: 'string', enum: ['internal', 'internet-facing'] },
    doc: 'Whether load balancers have public addresses.',
    example: 'internet-facing',
    invalid: 'public',
  },
  ipAddressType: {
    overrides: ['ip-address-type'],
    texts: sentence('ip-address-type'),
    schema: { type: 'string', enum: ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'] },
    doc: 'Address families of load balancers.',
    example: 'dualstack',
    invalid: 'ipv6',
  },
  subnets: {
    overrides: ['subnets'],
    texts: subnetIds,
    schema: {
      type: 'object',
      properties: {
        ids: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^subnet-[0-9a-z]+$' } },
        tags: { type: 'object', minProperties: 1, additionalProperties: { ...lines, minItems: 1 } },
      },
      'x-kubernetes-validations': [
        { rule: 'has(self.ids) != has(self.tags)', message: 'expected exactly one of ids and tags' },
      ],
    },
    doc: 'Subnets by `ids`, or by `tags`: a subnet needs one of the values of every key; of each Availability Zone one is taken, those tagged for the cluster first.',
    example: { tags: { tier: ['public'] } },
    invalid: { ids: ['subnet-1'], tags: { tier: ['public'] } },
  },
  inboundCIDRs: {
    overrides: ['inbound-cidrs'],
    texts: strings('inbound-cidrs'),
    schema: lines,
    doc: 'Addresses that the managed security group lets in.',
    example: ['10.0.0.0/8'],
    invalid: ['10.0.0.1'],
  },
  prefixListsIDs: {
    overrides: ['security-group-prefix-lists'],
    texts: strings('security-group-prefix-lists'),
    schema: lines,
    doc: 'Prefix lists whose addresses the managed security group lets in.',
    example: ['pl-0a1b2c3d'],
    invalid: ['pl_1'],
  },
  PrefixListsIDs: {
    overrides: ['security-group-prefix-lists'],
    texts: strings('security-group-prefix-lists'),
    schema: lines,
    doc: 'Old spelling of prefixListsIDs, which wins where both are given.',
    example: ['pl-0a1b2c3d'],
    invalid: ['pl_1'],
  },
  certificateArn: {
    overrides: ['certificate-arn'],
    texts: strings('certificate-arn'),
    schema: lines,
    doc: 'Certificates of HTTPS listeners, the first being the default one. With them an Ingress without listen-ports listens on HTTPS 443.',
    example: ['arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012'],
    invalid: ['www.example.com'],
  },
  sslPolicy: {
    overrides: ['ssl-policy'],
    texts: sentence('ssl-policy'),
    schema: line,
    doc: 'TLS versions and ciphers of HTTPS listeners.',
    example: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    invalid: 'TLS13-1-2-Res-2021-06',
  },
  sslRedirectPort: {
    overrides: ['ssl-redirect'],
    texts: whole('ssl-redirect'),
    schema: { type: 'string', pattern: '^[0-9]*$' },
    doc: 'Port of an HTTPS listener that all HTTP listeners redirect to, as text.',
    example: '443',
    invalid: 'https',
  },
  listeners: {
    overrides: ['listener-attributes.*'],
    texts: listeners,
    schema: {
      type: 'array',
      items: {
        type: 'object',
        required: ['protocol', 'port'],
        properties: {
          protocol: { type: 'string', enum: ['HTTP', 'HTTPS'] },
          port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65_535 },
          listenerAttributes: keyAndValue,
        },
      },
    },
    doc: 'Attributes of listeners by AWS key; they win key by key.',
    example: [
      {
        protocol: 'HTTP',
        port: 80,
        listenerAttributes: [{ key: 'routing.http.response.server.enabled', value: 'false' }],
      },
    ],
    invalid: [{ protocol: 'TCP', port: 80 }],
  },
  targetType: {
    overrides: ['target-type'],
    texts: sentence('target-type'),
    schema: { type: 'string', enum: ['instance', 'ip'] },
    doc: 'What receives the traffic; above the annotation of Services too.',
    example: 'ip',
    invalid: 'pod',
  },
  loadBalancerAttributes: {
    overrides: ['load-balancer-attributes'],
    texts: pairs('load-balancer-attributes'),
    schema: keyAndValue,
    doc: 'Attributes of load balancers by AWS key; they win key by key.',
    example: [{ key: 'idle_timeout.timeout_seconds', value: '120' }],
    invalid: [{ key: 'idle_timeout.timeout_seconds', value: '5000' }],
  },
  minimumLoadBalancerCapacity: {
    overrides: ['minimum-load-balancer-capacity'],
    texts: capacity,
    schema: {
      type: 'object',
      required: ['capacityUnits'],
      properties: { capacityUnits: { type: 'integer', format: 'int32', minimum: 0 } },
    },
    doc: 'Capacity that is reserved, in load balancer capacity units; 0 reserves none.',
    example: { capacityUnits: 500 },
    invalid: { capacityUnits: -1 },
  },
  ipamConfiguration: {
    overrides: ['ipam-ipv4-pool-id'],
    texts: poolId,
    schema: { type: 'object', properties: { ipv4IPAMPoolId: line } },
    doc: 'IPAM pool that public addresses come from.',
    example: { ipv4IPAMPoolId: 'ipam-pool-0a1b2c3d4e5f60718' },
    invalid: { ipv4IPAMPoolId: 'pool-1' },
  },
  wafv2AclArn: {
    overrides: ['wafv2-acl-arn', 'wafv2-acl-name'],
    texts: sentence('wafv2-acl-arn'),
    schema: line,
    doc: 'Web ACL of AWS WAF; `none` takes it away. Above both annotations about web ACLs.',
    example: 'arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/11111111-1111-1111-1111-111111111111',
    invalid: 'shop',
  },
  wafv2AclName: {
    overrides: ['wafv2-acl-name', 'wafv2-acl-arn'],
    texts: sentence('wafv2-acl-name'),
    schema: line,
    doc: 'The same by name; it wins over wafv2AclArn.',
    example: 'shop',
    invalid: 'arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1',
  },
  tags: {
    overrides: ['tags'],
    texts: pairs('tags'),
    schema: keyAndValue,
    doc: 'Tags on everything made for Ingresses of the class; they win key by key, over those of Services too.',
    example: [{ key: 'team', value: 'shop' }],
    invalid: [{ key: 'aws:team', value: 'shop' }],
  },
} as const satisfies Record<string, ParamsRow>;

export type ParamsField = keyof typeof PARAMS_ROWS;

/** Every row by field, as far as all rows have it. */
export const paramsRows: readonly (readonly [ParamsField, ParamsRow])[] = Object.entries(PARAMS_ROWS) as [
  ParamsField,
  ParamsRow,
][];
